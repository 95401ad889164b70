#include "app/list_payments.hpp"

#include "store/attempts.hpp"
#include "store/money_movements.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

Result<std::optional<Money>> amount_of(std::int64_t minor_units, const Attempt& attempt) {
  if (minor_units == 0) return std::optional<Money>();
  const Money amount = TRY(Money::of_minor(minor_units, attempt.amount.currency()));
  return std::optional<Money>(amount);
}

}  // namespace

Result<Listed<Payment>> list_payments(const ListPayments& command, const Caller& caller, sql::Transaction& tx) {
  TRY(store::PaymentLinks(tx).find(caller.organization, command.link));
  auto attempts =
      TRY(store::Attempts(tx).list_of_link(caller.organization, command.link, command.filter, command.page));
  Listed<Payment> listed{{}, attempts.total, attempts.page};
  store::MoneyMovements movements(tx);
  for (Attempt& attempt : attempts.entries) {
    Payment payment{std::move(attempt), {}, {}};
    const Attempt& of = payment.attempt;
    if (of.state == AttemptState::paid) {
      const std::int64_t refunded = TRY(movements.refunded_minor(of.organization, of.id));
      const std::int64_t charged_back = TRY(movements.charged_back_minor(of.organization, of.id));
      payment.refunded = TRY(amount_of(refunded, of));
      payment.charged_back = TRY(amount_of(charged_back, of));
    }
    listed.entries.push_back(std::move(payment));
  }
  return listed;
}

}  // namespace paylink::app
