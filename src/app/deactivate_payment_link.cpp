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

Result<> switch_off(PaymentLink& link, sql::Transaction& tx) {
  store::Attempts attempts(tx);
  // On a reusable link a payment that is being settled goes on: it was begun in time.
  TRY(attempts.supersede_open(link.organization, link.id));
  link.canceled_at = tx.now();
  link.updated_at = tx.now();
  const auto facts = TRY(attempts.facts_of_link(link.organization, link.id, link.reusable));
  const LinkFacts known = link.facts(Captured::no);
  const auto before = store::PaymentLinks::stored(link);
  link.status = link_status(known, facts, tx.now());
  link.expires_effective_at = expires_effective_at(known, facts);
  TRY(store::PaymentLinks(tx).update_status(link, before));
  return tell_link_event(LinkEvent::updated, link, std::nullopt, tx);
}

Result<PaymentLink> deactivate(const FindPaymentLink& command, const Caller& caller, sql::Transaction& tx) {
  PaymentLink link = TRY(store::PaymentLinks(tx).find_for_update(caller.organization, command.id));
  const LinkStatus status = link.status_at(tx.now());
  if (status == LinkStatus::canceled) return link;
  if (status != LinkStatus::open) return cannot_deactivate(status);
  TRY(switch_off(link, tx));
  return link;
}

// Together with the word that ends the payment being settled: the link's date may have passed meanwhile, and a link
// whose payment was canceled for this request is `canceled`, whatever comes between that word and the answer.
Result<> deactivate_settled(const FindPaymentLink& command, const Caller& caller, sql::Transaction& tx) {
  PaymentLink link = TRY(store::PaymentLinks(tx).find_for_update(caller.organization, command.id));
  const LinkStatus status = link.status_at(tx.now());
  if (link.canceled_at || (status != LinkStatus::open && status != LinkStatus::expired)) return {};
  return switch_off(link, tx);
}

}  // namespace

Task<Result<PaymentLink>> DeactivatePaymentLink::operator()(FindPaymentLink command, Caller caller,
                                                            KeepReply<PaymentLink> keep) const {
  const auto is_in_process = [&](sql::Transaction& tx) -> Result<bool> {
    const auto link = TRY(store::PaymentLinks(tx).find(caller.organization, command.id));
    return link.status == LinkStatus::processing;
  };
  CO_TRY(in_process, co_await lane_.read(caller.organization, is_in_process));
  const auto settled = [&](sql::Transaction& tx) { return deactivate_settled(command, caller, tx); };
  if (in_process) CO_CHECK(co_await payments_.cancel_in_process(caller.organization, command.id, settled));
  const auto last_step = [&](sql::Transaction& tx) -> Result<PaymentLink> {
    auto link = TRY(deactivate(command, caller, tx));
    TRY(keep(link, tx));
    return link;
  };
  auto deactivated = co_await lane_.write(caller.organization, last_step);
  co_return deactivated;
}

}  // namespace paylink::app
