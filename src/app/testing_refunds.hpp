#pragma once

#include "app/refund_payment.hpp"
#include "app/testing.hpp"
#include "base/ensure.hpp"

namespace paylink::app::testing {

// A shop whose payments are refunded, here and at the provider.
struct RefundingShop : Shop {
  void notice(const Attempt& attempt) {
    database.clock.advance(std::chrono::seconds(5));
    const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
    ENSURE(now(payments.settle_noticed(attempt.organization, token)).has_value());
  }
  Result<Refund> refund(const Attempt& attempt, std::optional<Money> amount = {}) {
    return database.write(organization.id, [&](sql::Transaction& tx) {
      return refund_payment({{link.id, attempt.id}, amount}, {organization.id, {}, {}}, tx);
    });
  }
  // "external 5.00 refunded, surplus 1.00 pending", newest first.
  std::string listed(const Attempt& attempt) {
    const auto found = database.write(organization.id, [&](sql::Transaction& tx) {
      return list_refunds({{link.id, attempt.id}, {}}, {organization.id, {}, {}}, tx);
    });
    std::string text;
    for (const Refund& one : found->entries)
      text += (text.empty() ? "" : ", ") + std::string(refund_reason_names.name(one.reason)) + " " +
              one.amount.decimal() + " " + std::string(refund_state_names.name(one.state));
    return text;
  }
  std::int64_t alerts(const std::string& kind) {
    const sql::Value values[] = {std::string_view(kind)};
    return database.ask("SELECT COUNT(*) FROM provider_alerts WHERE kind = $1", values).front().integer(0);
  }
};

}  // namespace paylink::app::testing
