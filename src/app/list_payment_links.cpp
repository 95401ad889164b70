#include "app/list_payment_links.hpp"

#include "store/link_lists.hpp"

namespace paylink::app {

Result<Listed<PaymentLink>> list_payment_links(const ListPaymentLinks& command, const Caller& caller,
                                               sql::Transaction& tx) {
  return store::LinkLists(tx).list(caller.organization, command.filter, command.page);
}

}  // namespace paylink::app
