#pragma once

#include <vector>

#include "runtime/routes.hpp"

namespace paylink::api {

// /v2/organization, /v2/bank_accounts, /v2/membership: what clients look at first (contract.md 1).
std::vector<runtime::Route> organization_routes();

}  // namespace paylink::api
