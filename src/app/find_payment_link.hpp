#pragma once

#include "app/caller.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

struct FindPaymentLink {
  PaymentLinkId id;
};

// The link as it stands now: its status never lags the clock. Fails with `not_found`, also for another organization's.
Result<PaymentLink> find_payment_link(const FindPaymentLink& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
