#pragma once

#include <vector>

#include "runtime/routes.hpp"

namespace paylink::api {

// GET /livez: the process answers. GET /readyz: it can read its storage. The smallest real endpoints: copy these.
std::vector<runtime::Route> health_routes();

}  // namespace paylink::api
