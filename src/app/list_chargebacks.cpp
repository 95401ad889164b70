#include "app/list_chargebacks.hpp"

#include "store/money_movements.hpp"

namespace paylink::app {

Result<Listed<Chargeback>> list_chargebacks(const ListChargebacks& command, const Caller& caller,
                                            sql::Transaction& tx) {
  const Attempt attempt = TRY(find_payment(command.place, caller, tx));
  return store::MoneyMovements(tx).list_chargebacks(attempt.organization, attempt.id, command.page);
}

}  // namespace paylink::app
