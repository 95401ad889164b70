#pragma once

#include <optional>

#include "app/find_payment.hpp"
#include "domain/movement.hpp"
#include "domain/page.hpp"

namespace paylink::app {

struct RefundPayment {
  PaymentPlace place;
  std::optional<Money> amount;  // more than zero; absent: what is left
};

// Takes a refund on: its amount is kept for it from here on, and the reconciler asks the provider for it. Refunds of a
// payment are never more than it brought in, whoever asks for them at once; one that fails gives its amount back.
// Fails with `not_found`; with `invalid_status` for a payment that is not paid, or of which nothing is left; with
// `invalid` for another currency and for more than `refunds_max` refunds, `out_of_range` beyond what is left.
Result<Refund> refund_payment(const RefundPayment& command, const Caller& caller, sql::Transaction& tx);

struct ListRefunds {
  PaymentPlace place;
  Page page;
};

// Newest first. Fails with `not_found`.
Result<Listed<Refund>> list_refunds(const ListRefunds& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
