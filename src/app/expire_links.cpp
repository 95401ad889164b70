#include "app/expire_links.hpp"

#include "app/link_events.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {

Result<int> expire_links(int limit, sql::Transaction& tx) {
  const auto links = TRY(store::PaymentLinks(tx).expire_due(limit));
  for (const PaymentLink& link : links) TRY(tell_link_event(LinkEvent::updated, link, std::nullopt, tx));
  return static_cast<int>(links.size());
}

}  // namespace paylink::app
