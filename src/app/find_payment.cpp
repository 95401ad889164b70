#include "app/find_payment.hpp"

#include "store/attempts.hpp"

namespace paylink::app {

Failure no_such_payment() { return fail(ErrorCode::not_found, "not_found", "There is no such payment."); }

Result<Attempt> find_payment(const PaymentPlace& place, const Caller& caller, sql::Transaction& tx) {
  Attempt attempt = TRY(store::Attempts(tx).find(caller.organization, place.payment));
  if (attempt.payment_link != place.link) return no_such_payment();
  return attempt;
}

}  // namespace paylink::app
