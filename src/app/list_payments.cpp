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
    const auto refund = TRY(movements.refund_of_attempt(attempt.organization, attempt.id));
    const bool done = refund && refund->state == RefundState::refunded;
    listed.entries.push_back({std::move(attempt), done ? std::optional(refund->amount) : std::nullopt});
  }
  return listed;
}

}  // namespace paylink::app
