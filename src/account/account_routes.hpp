#pragma once

#include <memory>

#include "account/routes.hpp"

namespace paylink::account {

// GET /account, POST /account/applications/revoke, POST /account/sign-out-everywhere.
void add_account_routes(runtime::Routes& routes, const std::shared_ptr<const Account>& account);

}  // namespace paylink::account
