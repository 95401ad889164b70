#pragma once

#include <vector>

#include "pages/site.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// /openapi.yaml, /openapi.json and /docs: what the API is, for programs and for people.
std::vector<runtime::Route> reference_routes(pages::Transport transport);

}  // namespace paylink::api
