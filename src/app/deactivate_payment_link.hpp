#pragma once

#include "app/caller.hpp"
#include "app/find_payment_link.hpp"

namespace paylink::app {

// An open link is switched off, for good: it is `canceled`. Whoever is at the provider's page is canceled there by the
// reconciler; money that arrives all the same is surplus. A link that was switched off before is answered as it is (it
// is `processing` while such money is on its way). Fails with `not_found`, and with `invalid_status` for a link that is
// paid, expired, or whose payment is being settled.
Result<PaymentLink> deactivate_payment_link(const FindPaymentLink& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
