#include "app/list_payments.hpp"

#include "store/attempts.hpp"
#include "store/money_movements.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {

Result<Listed<Payment>> list_payments(const ListPayments& command, const Caller& caller, sql::Transaction& tx) {
  TRY(store::PaymentLinks(tx).find(caller.organization, command.link));
  auto attempts =
      TRY(store::Attempts(tx).list_of_link(caller.organization, command.link, command.filter, command.page));
  Listed<Payment> listed{{}, attempts.total, attempts.page};
  store::MoneyMovements movements(tx);
  for (Attempt& attempt : attempts.entries) {
    std::optional<Money> refunded;
    if (attempt.state == AttemptState::paid) {
      const std::int64_t minor = TRY(movements.refunded_minor(attempt.organization, attempt.id));
      if (minor > 0) refunded = TRY(Money::of_minor(minor, attempt.amount.currency()));
    }
    listed.entries.push_back({std::move(attempt), refunded});
  }
  return listed;
}

}  // namespace paylink::app
