#include "app/deactivate_payment_link.hpp"

#include "app/link_events.hpp"
#include "store/attempts.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

Failure cannot_deactivate(LinkStatus status) {
  return fail(ErrorCode::invalid_input, "invalid_status",
              "A payment link that is " + std::string(link_status_names.name(status)) + " cannot be deactivated.");
}

}  // namespace

Result<PaymentLink> deactivate_payment_link(const FindPaymentLink& command, const Caller& caller,
                                            sql::Transaction& tx) {
  store::PaymentLinks links(tx);
  PaymentLink link = TRY(links.find(caller.organization, command.id));
  if (link.canceled_at) return link;
  const LinkStatus status = link.status_at(tx.now());
  if (status != LinkStatus::open) return cannot_deactivate(status);
  store::Attempts attempts(tx);
  auto current = TRY(attempts.current_of_link(link.organization, link.id));
  for (Attempt& attempt : current) {
    // On a reusable link a payment that is being settled goes on: it was begun in time.
    if (attempt.state != AttemptState::open) continue;
    attempt.superseded_at = tx.now();
    attempt.tries = 0;
    TRY(attempts.update(attempt, tx.now()));
  }
  link.canceled_at = tx.now();
  link.updated_at = tx.now();
  const auto facts = TRY(attempts.facts_of_link(link.organization, link.id));
  const LinkFacts known = link.facts(Captured::no);
  link.status = link_status(known, facts, tx.now());
  link.expires_effective_at = expires_effective_at(known, facts);
  TRY(links.update_status(link));
  TRY(tell_link_event(LinkEvent::updated, link, std::nullopt, tx));
  return link;
}

}  // namespace paylink::app
