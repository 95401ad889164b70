#pragma once

#include "app/caller.hpp"
#include "app/find_payment_link.hpp"
#include "app/flows.hpp"
#include "app/payments.hpp"

namespace paylink::app {

// An open link is switched off, for good: it is `canceled`. Whoever is at the provider's page is canceled there by the
// reconciler; money that arrives all the same is surplus. Of a link whose payment is being settled the provider is
// asked first to cancel that; so it is when the link was switched off before. A link that is `canceled` is answered as
// it is. Fails with `not_found`; with `invalid_status` for a link that is paid, expired, or whose
// payment can no longer be canceled; with `provider_unavailable`.
class DeactivatePaymentLink {
 public:
  DeactivatePaymentLink(Lane& lane, Payments& payments) : lane_(lane), payments_(payments) {}

  Task<Result<PaymentLink>> operator()(FindPaymentLink command, Caller caller, KeepReply<PaymentLink> keep) const;

 private:
  Lane& lane_;
  Payments& payments_;
};

}  // namespace paylink::app
