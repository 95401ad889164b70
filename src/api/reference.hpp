#pragma once

#include <vector>

#include "pages/site.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// /openapi.yaml, /openapi.json and /docs: what the API is, for programs and for people; and the front door, /, which
// leads there: a page for whoever accepts text/html, JSON for everybody else. `site` outlives the routes.
std::vector<runtime::Route> reference_routes(const pages::Site& site, pages::Transport transport);

}  // namespace paylink::api
