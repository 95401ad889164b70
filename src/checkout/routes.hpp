#pragma once

#include "app/compat.hpp"
#include "app/payments.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "crypto/keyring.hpp"
#include "pages/site.hpp"
#include "runtime/routes.hpp"

namespace paylink::checkout {

// What the hosted pages are made of.
struct Checkout {
  const pages::Site& site;
  app::Payments& payments;
  app::Lane& lane;
  const crypto::KeyRing& keys;
  const Clock& clock;
  Random& random;
  app::CompatSettings compat;
  runtime::ErrorEncoder encode_elsewhere;  // for addresses that no payment link can have
};

// The pages a payer sees: the link's own, the way to the provider, and each attempt's. No cookie, no script.
//   GET  /{organization}?resource_id=…   the link; what cannot be a link's address is answered by `encode_elsewhere`
//   POST /{organization}?resource_id=…   begins a payment → 303
//   GET  /a/{attempt}/go                 on to the provider
//   GET  /a/{attempt}                    how it stands: the provider is asked first
std::vector<runtime::Route> routes(Checkout checkout);

}  // namespace paylink::checkout
