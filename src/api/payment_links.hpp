#pragma once

#include <string>
#include <vector>

#include "app/compat.hpp"
#include "base/clock.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// /v2/payment_links: creating and reading links (contract.md 1).
std::vector<runtime::Route> payment_link_routes(const app::CompatSettings& compat, const std::string& public_url,
                                                const Clock& clock);

}  // namespace paylink::api
