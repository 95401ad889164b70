#pragma once

#include <optional>

#include "app/caller.hpp"
#include "domain/filters.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

struct ListPayments {
  PaymentLinkId link;
  AttemptFilter filter;
  Page page;
};

// What the API calls a payment: one try to pay, and what of it was given or taken back, each absent when that is
// nothing.
struct Payment {
  Attempt attempt;
  std::optional<Money> refunded;
  std::optional<Money> charged_back;
};

// The tries to pay one of the caller's links. Fails with `not_found`, also for another organization's.
Result<Listed<Payment>> list_payments(const ListPayments& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
