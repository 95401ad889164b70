#include "app/view_link.hpp"

#include <algorithm>

#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/money_movements.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

MoneyMode mode_of(const store::Connection& connection) {
  return connection.mode == "live" ? MoneyMode::live : MoneyMode::test;
}

Result<LinkView> complete(PaymentLink link, sql::Transaction& tx) {
  store::Organizations organizations(tx);
  link.status = link.status_at(tx.now());
  const auto connection = TRY(store::Connections(tx).enabled(link.organization));
  Organization merchant = TRY(organizations.find(link.organization));
  // Without a connection nobody knows of which mode it would be; that it is only a test must not be said of money.
  LinkView view{std::move(link),
                std::move(merchant.name),
                connection ? mode_of(*connection) : MoneyMode::live,
                connection.has_value(),
                {}};
  if (view.link.reusable == Reusable::yes || view.link.status != LinkStatus::open) return view;
  auto current = TRY(store::Attempts(tx).current_of_link(view.link.organization, view.link.id));
  if (current.empty()) return view;
  view.begun = std::move(current.front());
  const auto begun_by = TRY(store::Connections(tx).find(view.link.organization, view.begun->connection));
  view.mode = mode_of(begun_by);
  return view;
}

// What the merchant or the bank has given back needs no refund of ours, and for one that was given up another goes
// back.
Result<Surplus> surplus_of(const Attempt& attempt, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  const auto totals = TRY(movements.capture_totals(attempt.organization, attempt.id));
  if (!totals || totals->kept == Kept::kept) return Surplus::none;
  const auto refunds = TRY(movements.list_refunds(attempt.organization, attempt.id, {}));
  const std::int64_t charged_back = TRY(movements.charged_back_minor(attempt.organization, attempt.id));
  const bool is_all = totals->left_minor(charged_back) <= 0;
  const auto is_stuck = [is_all](const Refund& refund) {
    if (refund.state == RefundState::failed) return !is_all && !refund.provider_refund_id.empty();
    return refund.reason == RefundReason::surplus && refund.is_refused();
  };
  return std::ranges::any_of(refunds.entries, is_stuck) ? Surplus::stuck : Surplus::returned;
}

}  // namespace

Result<LinkView> view_link(const FindLink& find, sql::Transaction& tx) {
  PaymentLink link = TRY(store::PaymentLinks(tx).find_by_resource(find.organization, find.resource_id));
  return complete(std::move(link), tx);
}

Result<AttemptView> view_attempt(const FindAttempt& find, sql::Transaction& tx) {
  const Attempt attempt = TRY(store::Attempts(tx).find_by_token(find.organization, find.token));
  PaymentLink link = TRY(store::PaymentLinks(tx).find(attempt.organization, attempt.payment_link));
  LinkView view = TRY(complete(std::move(link), tx));
  // What it was made with, whatever the merchant is connected by now.
  const auto connection = TRY(store::Connections(tx).find(attempt.organization, attempt.connection));
  view.mode = mode_of(connection);
  const Surplus surplus = TRY(surplus_of(attempt, tx));
  return AttemptView{attempt, std::move(view), surplus};
}

}  // namespace paylink::app
