#pragma once

#include <string>

#include "base/result.hpp"

namespace paylink::sql::postgres {

// Of the machines that a URL of libpq's may lead to, the first one with which a connection would not be protected: it
// is not this machine, and neither the URL nor the environment says `sslmode`. libpq would send a password and all rows
// in the clear then, or to whoever answers. Empty when there is none. Fails with `bad_setting` for what is no such URL;
// the message does not repeat it, as it may hold a password.
Result<std::string> unprotected_host(const std::string& url);

}  // namespace paylink::sql::postgres
