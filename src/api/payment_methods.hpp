#pragma once

#include <vector>

#include "app/offered_methods.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// GET /v2/payment_links/payment_methods (contract.md 1.4).
std::vector<runtime::Route> payment_method_routes(app::OfferedMethods& offered);

}  // namespace paylink::api
