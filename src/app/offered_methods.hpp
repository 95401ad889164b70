#pragma once

#include "app/caller.hpp"
#include "app/lane.hpp"
#include "app/payment_provider.hpp"
#include "base/shared_answers.hpp"
#include "crypto/keyring.hpp"

namespace paylink::app {

// Which methods a payer could use now (contract.md 1.4): what the provider says, remembered for a minute. Without an
// enabled connection there are none. Fails with `provider_unavailable`.
class OfferedMethods {
 public:
  OfferedMethods(Lane& lane, PaymentProvider& provider, const crypto::KeyRing& keys, const Clock& clock);

  Task<Result<PaymentMethods>> operator()(MethodsQuestion question, Caller caller);

 private:
  Lane& lane_;
  PaymentProvider& provider_;
  const crypto::KeyRing& keys_;
  SharedAnswers<PaymentMethods> answers_;
};

}  // namespace paylink::app
