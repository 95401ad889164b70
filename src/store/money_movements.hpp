#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/movement.hpp"
#include "domain/page.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// Captures, refunds, chargebacks and the ledger rows that balance them.
class MoneyMovements {
 public:
  explicit MoneyMovements(sql::Transaction& tx) : tx_(tx) {}

  Result<bool> has_kept_capture(OrganizationId organization, PaymentLinkId link);
  Result<bool> has_capture(OrganizationId organization, AttemptId attempt);
  Result<> insert_capture(const Capture& capture, Reusable reusable);
  // Absent: nothing came in.
  Result<std::optional<CaptureTotals>> capture_totals(OrganizationId organization, AttemptId attempt);

  // Takes its amount from what was captured, in one statement with the question whether there is so much. Fails with
  // `refund_exceeds_capture` (conflict).
  Result<> insert_refund(const Refund& refund, std::optional<Time> due_at);
  // One that has failed gives its amount back to the others; done once.
  Result<> release_refund(const Refund& refund);
  Result<std::optional<Refund>> find_refund_for_update(OrganizationId organization, RefundId id);
  // As the provider names it.
  Result<std::optional<Refund>> find_refund(OrganizationId organization, AttemptId attempt,
                                            std::string_view provider_refund_id);
  // The smallest of ours that take at least `minor_units`, and that the provider does not have: not sent yet, or
  // refused each time. Nobody else can send it before the transaction is over.
  Result<std::optional<Refund>> unsent_refund(OrganizationId organization, AttemptId attempt, std::int64_t minor_units);
  Result<std::int64_t> count_refunds(OrganizationId organization, AttemptId attempt);
  // Newest first.
  Result<Listed<Refund>> list_refunds(OrganizationId organization, AttemptId attempt, Page page);
  // How much, in minor units, has been given back.
  Result<std::int64_t> refunded_minor(OrganizationId organization, AttemptId attempt);
  Result<> update_refund(const Refund& refund, std::optional<Time> due_at);
  // Takes at most `limit` refunds whose time has come, and moves their time on by `lease`.
  Result<std::vector<Refund>> claim_due_refunds(int limit, std::chrono::microseconds lease);
  // As Attempts::bring_forward.
  Result<int> bring_refunds_forward(Time latest, Time to, int limit);

  // As the provider names it.
  Result<std::optional<Chargeback>> find_chargeback(OrganizationId organization, AttemptId attempt,
                                                    std::string_view provider_chargeback_id);
  // The same, whichever attempt it is of.
  Result<std::optional<Chargeback>> find_chargeback(OrganizationId organization,
                                                    std::string_view provider_chargeback_id);
  Result<> insert_chargeback(const Chargeback& chargeback);
  Result<> reverse_chargeback(const Chargeback& chargeback);
  // Newest first.
  Result<Listed<Chargeback>> list_chargebacks(OrganizationId organization, AttemptId attempt, Page page);
  // How much, in minor units, is taken back: what was reversed does not count.
  Result<std::int64_t> charged_back_minor(OrganizationId organization, AttemptId attempt);

  // Two rows that sum to zero.
  Result<> insert_movement(const Movement& movement);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
