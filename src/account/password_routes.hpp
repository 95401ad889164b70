#pragma once

#include <memory>

#include "account/routes.hpp"

namespace paylink::account {

// GET and POST of /account/password and of /account/confirm.
void add_password_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account);

}  // namespace paylink::account
