#pragma once

#include "app/caller.hpp"
#include "domain/attempt.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// A payment by its place in the API: /v2/payment_links/{id}/payments/{payment_id}.
struct PaymentPlace {
  PaymentLinkId link;
  AttemptId payment;
};

// Fails with `not_found`, alike for an unknown link, another organization's, an unknown payment and another link's.
Result<Attempt> find_payment(const PaymentPlace& place, const Caller& caller, sql::Transaction& tx);
Failure no_such_payment();

}  // namespace paylink::app
