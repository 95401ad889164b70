#include "app/refund_payment.hpp"

#include "app/attempt_access.hpp"
#include "app/audit.hpp"
#include "app/link_events.hpp"
#include "store/money_movements.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

Failure at_amount(std::string code, std::string_view member, const std::string& detail) {
  const std::string where = "refund/amount/" + std::string(member);
  Failure failure = fail(ErrorCode::invalid_input, code, where + " " + detail);
  failure.error().faults.push_back({std::move(code), "/" + where, where + " " + detail});
  return failure;
}

// What of the payment may still be refunded; more than zero.
Result<Money> rest_of(const Attempt& attempt, sql::Transaction& tx) {
  const auto totals = TRY(store::MoneyMovements(tx).capture_totals(attempt.organization, attempt.id));
  if (attempt.state != AttemptState::paid || !totals)
    return fail(ErrorCode::invalid_input, "invalid_status",
                "A payment that is " + std::string(attempt_state_names.name(attempt.state)) + " cannot be refunded.");
  const std::int64_t charged_back = TRY(store::MoneyMovements(tx).charged_back_minor(attempt.organization, attempt.id));
  const std::int64_t rest = totals->left_minor(charged_back);
  if (rest <= 0)
    return fail(ErrorCode::invalid_input, "invalid_status", "Nothing of this payment is left to be refunded.");
  return Money::of_minor(rest, totals->captured.currency());
}

}  // namespace

Result<Refund> refund_payment(const RefundPayment& command, const Caller& caller, sql::Transaction& tx) {
  const Attempt attempt = TRY(find_payment(command.place, caller, tx));
  // Whoever holds the link decides alone about its refunds.
  const PaymentLink link = TRY(store::PaymentLinks(tx).find_for_update(attempt.organization, attempt.payment_link));
  const Money rest = TRY(rest_of(attempt, tx));
  const Money amount = command.amount.value_or(rest);
  if (amount.currency() != rest.currency())
    return at_amount("invalid", "currency", "must be " + std::string(rest.currency().code()) + ", as of the payment");
  if (amount.minor_units() > rest.minor_units())
    return at_amount("out_of_range", "value", "must be at most " + rest.decimal() + ": so much is left of the payment");
  const auto connection = TRY(connection_for(attempt, tx));
  if (!TRY(can_speak(connection, tx)))
    return fail(ErrorCode::invalid_input, "invalid_status",
                "The connection that this payment was made by has ended, and with it the right to refund it. Connect "
                "the same profile at the provider again, or refund it there.");
  store::MoneyMovements movements(tx);
  if (TRY(movements.count_refunds(attempt.organization, attempt.id)) >= refunds_max)
    return fail(ErrorCode::invalid_input, "invalid",
                "This payment has " + std::to_string(refunds_max) + " refunds, as many as a payment may have.");
  const Refund refund{.organization = attempt.organization,
                      .id = RefundId::create(tx.now(), tx.random()),
                      .attempt = attempt.id,
                      .reason = RefundReason::requested,
                      .amount = amount,
                      .provider_refund_id = {},
                      .created_at = tx.now()};
  TRY(movements.insert_refund(refund, tx.now()));
  TRY(tell_link_event(LinkEvent::updated, link, attempt.method, tx));
  TRY(audit({.action = AuditAction::refund_requested,
             .actor = actor_of(caller),
             .organization = refund.organization,
             .object = refund.id.text(),
             .detail = amount.decimal() + " " + std::string(amount.currency().code()) + " of " + attempt.id.text()},
            tx));
  return refund;
}

Result<Listed<Refund>> list_refunds(const ListRefunds& command, const Caller& caller, sql::Transaction& tx) {
  const Attempt attempt = TRY(find_payment(command.place, caller, tx));
  return store::MoneyMovements(tx).list_refunds(attempt.organization, attempt.id, command.page);
}

}  // namespace paylink::app
