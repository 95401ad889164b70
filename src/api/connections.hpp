#pragma once

#include <string>
#include <vector>

#include "app/compat.hpp"
#include "app/connections.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// What these routes work on.
struct ConnectionTools {
  const crypto::KeyRing& keys;
  const Clock& clock;
  const app::CompatSettings& compat;
  std::string public_url;  // without a slash at its end
  app::Onboarding onboarding;
};

// /v2/payment_links/connections (contract.md 1.1).
std::vector<runtime::Route> connection_routes(const ConnectionTools& tools);

}  // namespace paylink::api
