#include "app/create_payment_link.hpp"

#include "app/link_events.hpp"
#include "store/connections.hpp"
#include "store/link_metadata.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

// When a link made now may expire. The first to the second, as it was sent.
struct Lifetime {
  explicit Lifetime(Time now)
      : first(std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(60)), last(years_after(now, 5)) {}
  Time first, last;
};

Failure expires_too_soon_or_late(const Lifetime& lifetime) {
  const std::string detail = "must be from " + to_rfc3339(lifetime.first) + " to " + to_rfc3339(lifetime.last) +
                             ": 60 seconds to 5 years from now";
  Failure failure = fail(ErrorCode::invalid_input, "out_of_range", detail);
  failure.error().faults.push_back(
      {"out_of_range", "/payment_link/expiration_date", "payment_link/expiration_date " + detail});
  return failure;
}

}  // namespace

Result<PaymentLink> create_payment_link(const CreatePaymentLink& command, const Caller& caller, sql::Transaction& tx) {
  if (!TRY(store::Connections(tx).has_enabled(caller.organization)))
    return fail(ErrorCode::invalid_input, "invalid", "connection with the provider does not exist");
  const Lifetime lifetime(tx.now());
  const auto& wanted = command.expiration_date;
  if (wanted && (*wanted < lifetime.first || *wanted > lifetime.last)) return expires_too_soon_or_late(lifetime);
  // To the second, as it is shown: a link must not be open after the date that its answer names.
  const Time in_a_year = std::chrono::floor<std::chrono::seconds>(years_after(tx.now(), 1));
  const Time expiration_date = command.expiration_date.value_or(in_a_year);
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
      .metadata = command.metadata_json,
  };
  TRY(store::PaymentLinks(tx).insert(link));
  TRY(store::LinkMetadata(tx).insert(link, command.metadata));
  TRY(tell_link_event(LinkEvent::created, link, std::nullopt, tx));
  return link;
}

}  // namespace paylink::app
