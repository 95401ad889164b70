#pragma once

#include <string>
#include <vector>

#include "app/compat.hpp"
#include "app/link_follower.hpp"
#include "app/page_ends.hpp"
#include "app/payments.hpp"
#include "base/clock.hpp"
#include "crypto/keyring.hpp"
#include "runtime/routes.hpp"

namespace paylink::api {

// What these routes work on.
struct PaymentLinkTools {
  app::Lane& lane;
  app::Payments& payments;
  const Clock& clock;
  const crypto::KeyRing& keys;
  app::PageEnds& page_ends;
  app::LinkFollower& follower;
  const app::CompatSettings& compat;
  std::string public_url;  // without a slash at its end
};

// /v2/payment_links: creating, reading, listing and switching off links (contract.md 1).
std::vector<runtime::Route> payment_link_routes(const PaymentLinkTools& tools);

}  // namespace paylink::api
