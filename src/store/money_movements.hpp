#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/movement.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// Captures, refunds and the ledger rows that balance them.
class MoneyMovements {
 public:
  explicit MoneyMovements(sql::Transaction& tx) : tx_(tx) {}

  Result<bool> has_kept_capture(OrganizationId organization, PaymentLinkId link);
  Result<bool> has_capture(OrganizationId organization, AttemptId attempt);
  Result<> insert_capture(const Capture& capture, Reusable reusable);

  Result<> insert_refund(const Refund& refund, Time due_at);
  Result<std::optional<Refund>> refund_of_attempt(OrganizationId organization, AttemptId attempt);
  Result<> update_refund(const Refund& refund, std::optional<Time> due_at);
  // Takes at most `limit` refunds whose time has come, and moves their time on by `lease`.
  Result<std::vector<Refund>> claim_due_refunds(int limit, std::chrono::microseconds lease);

  // Two rows that sum to zero.
  Result<> insert_movement(const Movement& movement);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
