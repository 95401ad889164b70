#include "app/create_payment_link.hpp"

#include "app/link_events.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {

Result<PaymentLink> create_payment_link(const CreatePaymentLink& command, const Caller& caller, sql::Transaction& tx) {
  if (!TRY(store::Organizations(tx).has_enabled_connection(caller.organization)))
    return fail(ErrorCode::invalid_input, "invalid", "connection with the provider does not exist");
  const Time expiration_date = one_year_after(tx.now());
  PaymentLink link{
      .organization = caller.organization,
      .id = PaymentLinkId::create(tx.now(), tx.random()),
      .resource_id = Uuid::v4(tx.random()),
      .status = LinkStatus::open,
      .amount = command.amount,
      .methods = command.methods,
      .reusable = command.reusable,
      .subject = command.subject,
      .expiration_date = expiration_date,
      .expires_effective_at = expiration_date,
      .canceled_at = std::nullopt,
      .created_at = tx.now(),
      .updated_at = tx.now(),
  };
  TRY(store::PaymentLinks(tx).insert(link));
  TRY(tell_link_event(LinkEvent::created, link, std::nullopt, tx));
  return link;
}

}  // namespace paylink::app
