#pragma once

#include <memory>

#include "account/routes.hpp"

namespace paylink::account {

// GET and POST /sign-in, POST /sign-out.
void add_sign_in_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account);

}  // namespace paylink::account
