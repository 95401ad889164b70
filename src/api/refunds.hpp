#pragma once

#include <vector>

#include "app/compat.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// /v2/payment_links/{id}/payments/{payment_id}/refunds and …/chargebacks: ours, the original has neither in its API.
std::vector<runtime::Route> refund_routes(const app::CompatSettings& compat);

}  // namespace paylink::api
