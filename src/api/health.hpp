#pragma once

#include <atomic>
#include <vector>

#include "runtime/routes.hpp"

namespace paylink::api {

// GET /livez: the process answers. GET /readyz: it can read its storage, and is not about to stop. The smallest real
// endpoints: copy these.
std::vector<runtime::Route> health_routes(const std::atomic<bool>& is_stopping);

}  // namespace paylink::api
