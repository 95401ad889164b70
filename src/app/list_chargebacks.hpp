#pragma once

#include "app/find_payment.hpp"
#include "domain/movement.hpp"
#include "domain/page.hpp"

namespace paylink::app {

struct ListChargebacks {
  PaymentPlace place;
  Page page;
};

// What the payer's bank took back of a payment, newest first. Fails with `not_found`.
Result<Listed<Chargeback>> list_chargebacks(const ListChargebacks& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
