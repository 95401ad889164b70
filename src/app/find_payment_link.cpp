#include "app/find_payment_link.hpp"

#include "store/payment_links.hpp"

namespace paylink::app {

Result<PaymentLink> find_payment_link(const FindPaymentLink& command, const Caller& caller, sql::Transaction& tx) {
  PaymentLink link = TRY(store::PaymentLinks(tx).find(caller.organization, command.id));
  link.status = link.status_at(tx.now());
  return link;
}

}  // namespace paylink::app
