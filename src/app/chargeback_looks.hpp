#pragma once

#include <atomic>

#include "app/lane.hpp"
#include "app/payment_provider.hpp"
#include "crypto/keyring.hpp"
#include "store/connections.hpp"

namespace paylink::app {

// A provider tells of chargebacks by notices, which can all be lost. So its list of them is looked over too, of each
// connection every few hours, also of those that have ended: what it tells of that is not known yet, or was reversed
// meanwhile, makes us ask about that payment.
class ChargebackLooks {
 public:
  ChargebackLooks(Lane& lane, PaymentProvider& provider, const crypto::KeyRing& keys)
      : lane_(lane), provider_(provider), keys_(keys) {}

  // At most `limit` connections whose time has come; the number of those looked at. Several may run at once.
  Task<Result<int>> look(int limit);
  // It returns after the one it is at.
  void stop() { stopping_ = true; }

 private:
  Task<Result<>> look_over(store::ChargebackLook due);
  Task<Result<>> ask_about(OrganizationId organization, ProviderAccess access, std::string payment_id);

  Lane& lane_;
  PaymentProvider& provider_;
  const crypto::KeyRing& keys_;
  std::atomic<bool> stopping_{false};
};

}  // namespace paylink::app
