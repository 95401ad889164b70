#include "app/provider_word.hpp"

#include <algorithm>

#include "app/link_events.hpp"
#include "store/attempts.hpp"
#include "store/events.hpp"
#include "store/money_movements.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

constexpr std::chrono::seconds first_look{30};
constexpr std::chrono::hours last_look{1};
constexpr std::chrono::days silence_max{30};  // no provider's payment stays open longer
constexpr int unknown_looks_max = 5;          // in a row: some minutes at least
constexpr int late_refund_tries = 5;
constexpr std::chrono::days late_refund_age{7};  // banks take some

// A refund may come back.
enum class Way : std::uint8_t { usual, back };

Movement movement(const Attempt& attempt, MovementKind kind, Money amount, sql::Transaction& tx, Way way = Way::usual) {
  const bool in = (kind == MovementKind::capture || kind == MovementKind::chargeback_reversal) == (way == Way::usual);
  return {attempt.organization,
          Uuid::v7(tx.now(), tx.random()),
          kind,
          attempt.id,
          in ? Account::payers : Account::provider,
          in ? Account::provider : Account::payers,
          amount,
          tx.now()};
}

// Money arrived. A link that can be paid once keeps the first, a reusable one all; what comes after a link was switched
// off goes back.
Result<> capture(const Attempt& attempt, const PaymentLink& link, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  if (TRY(movements.has_capture(attempt.organization, attempt.id))) return {};
  const bool taken = link.reusable == Reusable::no && TRY(movements.has_kept_capture(link.organization, link.id));
  // On a reusable link what was being settled when it was switched off still counts; who was told that it is off does
  // not pay.
  const bool off = link.canceled_at && (link.reusable == Reusable::no || attempt.superseded_at);
  const bool wanted = !taken && !off;
  TRY(movements.insert_capture({attempt.organization, CaptureId::create(tx.now(), tx.random()), attempt.payment_link,
                                attempt.id, wanted ? Kept::kept : Kept::surplus, attempt.amount, tx.now()},
                               link.reusable));
  return movements.insert_movement(movement(attempt, MovementKind::capture, attempt.amount, tx));
}

// Of a payment that is not wanted goes back what nobody has given or taken back, here or there.
Result<> return_surplus(const Attempt& attempt, std::int64_t left_there, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  const auto totals = TRY(movements.capture_totals(attempt.organization, attempt.id));
  if (!totals || totals->kept == Kept::kept) return {};
  const std::int64_t charged_back = TRY(movements.charged_back_minor(attempt.organization, attempt.id));
  const std::int64_t left = std::min(totals->left_minor(charged_back), left_there);
  if (left <= 0) return {};
  const Money rest = TRY(Money::of_minor(left, totals->captured.currency()));
  const Refund refund{.organization = attempt.organization,
                      .id = RefundId::create(tx.now(), tx.random()),
                      .attempt = attempt.id,
                      .amount = rest,
                      .provider_refund_id = {},
                      .created_at = tx.now()};
  return movements.insert_refund(refund, tx.now());
}

// As it stands once nobody else can change it: with its link held.
Result<Attempt> find_for_update(OrganizationId organization, AttemptId id, sql::Transaction& tx) {
  store::Attempts attempts(tx);
  const Attempt known = TRY(attempts.find(organization, id));
  TRY(store::PaymentLinks(tx).find_for_update(organization, known.payment_link));
  return attempts.find(organization, id);
}

// Final attempts are not asked about. One that was superseded while the provider was being asked is canceled at once.
std::optional<Time> when_to_ask_again(const Attempt& attempt, sql::Transaction& tx) {
  if (is_final(attempt.state)) return std::nullopt;
  if (attempt.superseded_at && attempt.tries == 0) return tx.now();
  return next_look(tx.now(), attempt.tries);
}

// The link has been paid: whoever else is at the provider's page must not pay it again.
Result<> supersede_others(const Attempt& paid, sql::Transaction& tx) {
  store::Attempts attempts(tx);
  auto others = TRY(attempts.current_of_link(paid.organization, paid.payment_link));
  for (Attempt& other : others) {
    other.superseded_at = tx.now();
    other.tries = 0;
    TRY(attempts.update(other, tx.now()));
  }
  return {};
}

// Each is booked once, and once more when it was reversed. Answers whether there was news.
Result<bool> book_chargeback(const Attempt& attempt, const ProviderChargeback& word, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  auto known = TRY(movements.find_chargeback(attempt.organization, attempt.id, word.id));
  if (word.amount.currency() != attempt.amount.currency() || (known && known->amount != word.amount)) {
    TRY(store::Events(tx).add_alert(attempt.organization, attempt.id, "chargeback_mismatch",
                                    "chargeback " + word.id + " is of " + word.amount.decimal() + " " +
                                        std::string(word.amount.currency().code())));
    return false;
  }
  const bool reversed = word.reversed_at && !(known && known->reversed_at);
  if (known && !reversed) return false;
  if (known) {
    known->reversed_at = word.reversed_at;
    TRY(movements.reverse_chargeback(*known));
  } else {
    TRY(movements.insert_chargeback({attempt.organization, ChargebackId::create(tx.now(), tx.random()), attempt.id,
                                     word.id, word.amount, word.created_at, word.reversed_at}));
    TRY(movements.insert_movement(movement(attempt, MovementKind::chargeback, word.amount, tx)));
  }
  if (reversed) TRY(movements.insert_movement(movement(attempt, MovementKind::chargeback_reversal, word.amount, tx)));
  return true;
}

// They change the status of neither payment nor link. Answers whether there was news.
Result<bool> book_chargebacks(const Attempt& attempt, const ProviderPayment& word, sql::Transaction& tx) {
  if (attempt.state != AttemptState::paid) return false;
  bool news = false;
  for (const ProviderChargeback& chargeback : word.chargebacks) {
    const bool booked = TRY(book_chargeback(attempt, chargeback, tx));
    news = news || booked;
  }
  if (news) TRY(refresh_link(attempt, Tell::always, tx));
  return news;
}

// Whether a refund that the provider tells of was made by us: then its own turn settles it. What was given up before
// anybody knew that it is there has no turn any more, and neither has a second one that says it is ours.
Result<bool> is_ours(const Attempt& attempt, const ProviderRefund& word, sql::Transaction& tx) {
  const auto id = RefundId::parse(word.refund);
  if (!id) return false;
  const auto known = TRY(store::MoneyMovements(tx).find_refund_for_update(attempt.organization, *id));
  if (!known || known->attempt != attempt.id || known->reason == RefundReason::external) return false;
  if (known->provider_refund_id.empty()) return known->state != RefundState::failed;
  return known->provider_refund_id == word.id;
}

// One that the provider does not have is not going to be sent. Whoever asked for it is told; of what nobody asked for
// the rest still goes back.
Result<> give_up(Refund refund, std::string_view why, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  refund.state = RefundState::failed;
  TRY(movements.update_refund(refund, std::nullopt));
  TRY(movements.release_refund(refund));
  if (refund.reason == RefundReason::surplus) return {};
  return store::Events(tx).add_alert(refund.organization, refund.attempt, "refund_failed", why);
}

// One that the provider told of takes the place of what it does not have of ours: the merchant has done by himself what
// we have not.
Result<> insert_external(const Refund& refund, std::optional<Time> due_at, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  auto inserted = movements.insert_refund(refund, due_at);
  if (inserted || inserted.error().reason != "refund_exceeds_capture") return inserted;
  const auto totals = TRY(movements.capture_totals(refund.organization, refund.attempt));
  if (!totals || totals->captured.currency() != refund.amount.currency()) return inserted;
  const std::int64_t missing =
      totals->refunds.minor_units() + refund.amount.minor_units() - totals->captured.minor_units();
  const auto unsent = TRY(movements.unsent_refund(refund.organization, refund.attempt, missing));
  if (!unsent) return inserted;
  TRY(give_up(*unsent, "in its place is refund " + refund.provider_refund_id + ", made at the provider", tx));
  return movements.insert_refund(refund, due_at);
}

// Somebody must look; its amount may be refunded again. What was done until now comes back.
Result<> fail_refund(Refund refund, const Attempt& attempt, std::string_view detail, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  if (refund.state == RefundState::refunded)
    TRY(movements.insert_movement(movement(attempt, MovementKind::refund, refund.amount, tx, Way::back)));
  refund.state = RefundState::failed;
  TRY(store::Events(tx).add_alert(refund.organization, refund.attempt, "refund_failed", detail));
  TRY(movements.update_refund(refund, std::nullopt));
  TRY(movements.release_refund(refund));
  return refresh_link(attempt, Tell::always, tx);
}

// A refund that the merchant has made at the provider. While the provider is at it, it is asked about as ours are.
// Whoever made one, it may come back from the payer's bank after it was done.
Result<bool> book_refund(const Attempt& attempt, const ProviderRefund& word, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  const auto known = TRY(movements.find_refund(attempt.organization, attempt.id, word.id));
  if (known && known->state == RefundState::refunded && word.state == ProviderRefundState::failed) {
    TRY(fail_refund(*known, attempt, "refund " + word.id + " has come back", tx));
    // Of a payment too many the merchant's own way of returning it has failed: it goes back by ours.
    if (known->reason == RefundReason::external) TRY(return_surplus(attempt, attempt.amount.minor_units(), tx));
    return false;  // which has told
  }
  if (known) {
    if (known->state != RefundState::pending || word.state == ProviderRefundState::pending) return false;
    TRY(record_refund_word(*known, word, tx));
    return false;  // which has told
  }
  if (word.state == ProviderRefundState::failed || TRY(is_ours(attempt, word, tx))) return false;
  const bool is_done = word.state == ProviderRefundState::refunded;
  const Refund refund{.organization = attempt.organization,
                      .id = RefundId::create(tx.now(), tx.random()),
                      .attempt = attempt.id,
                      .reason = RefundReason::external,
                      .state = is_done ? RefundState::refunded : RefundState::pending,
                      .amount = word.amount,
                      .provider_refund_id = word.id,
                      .created_at = tx.now()};
  auto inserted = insert_external(refund, is_done ? std::nullopt : std::optional(next_look(tx.now(), 0)), tx);
  // More than came in, or of another currency: the provider may do that, our books cannot hold it.
  if (!inserted && inserted.error().reason == "refund_exceeds_capture") {
    TRY(store::Events(tx).add_alert(
        attempt.organization, attempt.id, "refund_exceeds",
        "refund " + word.id + " is of " + word.amount.decimal() + " " + std::string(word.amount.currency().code())));
    return false;
  }
  TRY(inserted);
  if (is_done) TRY(movements.insert_movement(movement(attempt, MovementKind::refund, refund.amount, tx)));
  return true;
}

// Answers whether something was booked that had not been known.
Result<bool> book_refunds(const Attempt& attempt, const ProviderPayment& word, sql::Transaction& tx) {
  if (attempt.state != AttemptState::paid) return false;
  bool news = false;
  // What has failed makes room for what was done instead.
  for (const bool failed : {true, false}) {
    for (const ProviderRefund& refund : word.refunds) {
      if ((refund.state == ProviderRefundState::failed) != failed) continue;
      const bool booked = TRY(book_refund(attempt, refund, tx));
      news = news || booked;
    }
  }
  if (news) TRY(refresh_link(attempt, Tell::always, tx));
  return news;
}

// As it is stored now: between the question and its answer somebody else may have learnt more.
Result<std::optional<Refund>> unsettled(const Refund& asked, sql::Transaction& tx) {
  auto known = TRY(store::MoneyMovements(tx).find_refund_for_update(asked.organization, asked.id));
  if (known && (known->state == RefundState::refunded || known->state == RefundState::failed)) known.reset();
  return known;
}

// We may hear of it much later. What cannot be, by our own clock, is not believed.
Time when_paid(const Attempt& attempt, std::optional<Time> said, Time now) {
  return said && *said >= attempt.created_at && *said <= now ? *said : now;
}

Result<Attempt> move(Attempt attempt, AttemptState state, sql::Transaction& tx, std::optional<Time> paid_at = {}) {
  attempt.state = state;
  attempt.tries = 0;
  if (state == AttemptState::paid) attempt.paid_at = when_paid(attempt, paid_at, tx.now());
  TRY(store::Attempts(tx).update(attempt, when_to_ask_again(attempt, tx)));
  if (state == AttemptState::paid) {
    const PaymentLink link = TRY(store::PaymentLinks(tx).find(attempt.organization, attempt.payment_link));
    TRY(capture(attempt, link, tx));
    if (link.reusable == Reusable::no) TRY(supersede_others(attempt, tx));
  }
  TRY(refresh_link(attempt, state == AttemptState::paid ? Tell::always : Tell::if_changed, tx));
  return attempt;
}

}  // namespace

std::optional<std::string> contradiction(const Attempt& attempt, const ProviderPayment& word) {
  if (!attempt.provider_payment_id.empty() && word.id != attempt.provider_payment_id)
    return "the provider answered about " + word.id + ", asked was " + attempt.provider_payment_id;
  if (word.attempt != attempt.id.text()) return "payment " + word.id + " is for attempt " + word.attempt;
  if (word.amount != attempt.amount)
    return "payment " + word.id + " is of " + word.amount.decimal() + " " + std::string(word.amount.currency().code());
  return std::nullopt;
}

std::int64_t left_minor(const ProviderPayment& payment) {
  std::int64_t left = payment.amount.minor_units();
  bool is_of_one_currency = true;
  const auto take = [&](const Money& amount) {
    left -= amount.minor_units();
    is_of_one_currency = is_of_one_currency && amount.currency() == payment.amount.currency();
  };
  for (const ProviderRefund& refund : payment.refunds)
    if (refund.state != ProviderRefundState::failed) take(refund.amount);
  for (const ProviderChargeback& chargeback : payment.chargebacks)
    if (!chargeback.reversed_at) take(chargeback.amount);
  return is_of_one_currency ? std::max(left, std::int64_t{0}) : 0;
}

Time next_look(Time now, int tries) {
  const auto wait = std::min<std::chrono::seconds>(first_look * (1 << std::clamp(tries, 0, 7)), last_look);
  return now + wait;
}

Result<> refresh_link(const Attempt& attempt, Tell tell, sql::Transaction& tx) {
  store::PaymentLinks links(tx);
  PaymentLink link = TRY(links.find_for_update(attempt.organization, attempt.payment_link));
  const auto facts = TRY(store::Attempts(tx).facts_of_link(link.organization, link.id, link.reusable));
  const bool kept = TRY(store::MoneyMovements(tx).has_kept_capture(link.organization, link.id));
  const LinkFacts known = link.facts(kept ? Captured::kept : Captured::no);
  const LinkStatus status = link_status(known, facts, tx.now());
  const auto expires_at = expires_effective_at(known, facts);
  const auto before = store::PaymentLinks::stored(link);
  const bool changed = status != before.status;
  if (changed || expires_at != link.expires_effective_at) {
    if (changed) link.updated_at = tx.now();
    link.status = status;
    link.expires_effective_at = expires_at;
    TRY(links.update_status(link, before));
  }
  if (!changed && tell == Tell::if_changed) return {};
  return tell_link_event(LinkEvent::updated, link, attempt.method, tx);
}

Result<Attempt> record_provider_word(OrganizationId organization, AttemptId id, const ProviderPayment& word,
                                     sql::Transaction& tx) {
  store::Attempts attempts(tx);
  Attempt attempt = TRY(find_for_update(organization, id, tx));
  if (const auto wrong = contradiction(attempt, word)) {
    TRY(store::Events(tx).add_alert(organization, id, "mismatch", *wrong));
    TRY(attempts.update(attempt, when_to_ask_again(attempt, tx)));
    return attempt;
  }
  attempt.provider_payment_id = word.id;
  attempt.checkout_url = word.checkout_url;
  attempt.silent_since.reset();
  attempt.unknown_looks = 0;
  const Step step = apply(attempt.state, word.state);
  // Word of an earlier time, or that cannot be, says nothing of what was paid by in the end.
  const bool is_latest = step.effect == Effect::moved || word.state == attempt.state;
  const PaymentMethod before = attempt.method;
  if (is_latest) attempt.method = word.method.value_or(before);
  if (step.effect == Effect::refused)
    TRY(store::Events(tx).add_alert(organization, id, "contradiction",
                                    "told " + std::string(attempt_state_names.name(word.state))));
  if (step.effect == Effect::moved)
    attempt = TRY(move(std::move(attempt), step.state, tx, word.paid_at));
  else
    TRY(attempts.update(attempt, when_to_ask_again(attempt, tx)));
  const bool was_told = step.effect != Effect::moved && attempt.state == AttemptState::paid;
  if (was_told && attempt.method != before) TRY(refresh_link(attempt, Tell::always, tx));
  const bool taken_back = TRY(book_chargebacks(attempt, word, tx));
  const bool given_back = TRY(book_refunds(attempt, word, tx));
  const bool is_new = step.effect == Effect::moved && attempt.state == AttemptState::paid;
  if (is_new || taken_back || given_back) TRY(return_surplus(attempt, left_minor(word), tx));
  return attempt;
}

Result<Attempt> record_refusal(OrganizationId organization, AttemptId id, sql::Transaction& tx) {
  Attempt attempt = TRY(find_for_update(organization, id, tx));
  // The same attempt was sent twice, and the other one came through: there is a payment, and it speaks for itself.
  if (!attempt.provider_payment_id.empty()) return attempt;
  if (!can_move(attempt.state, AttemptState::failed)) return attempt;
  return move(std::move(attempt), AttemptState::failed, tx);
}

Result<Attempt> record_silence(OrganizationId organization, AttemptId id, const Error& error, sql::Transaction& tx) {
  store::Attempts attempts(tx);
  store::Events events(tx);
  Attempt attempt = TRY(find_for_update(organization, id, tx));
  if (is_final(attempt.state)) return attempt;
  if (error.reason == "provider_refuses_key" || error.code == ErrorCode::internal)
    TRY(events.add_alert(organization, id, error.reason, error.detail));
  if (!attempt.silent_since) attempt.silent_since = tx.now();
  if (error.code == ErrorCode::not_found && ++attempt.unknown_looks >= unknown_looks_max) {
    TRY(events.add_alert(organization, id, "unknown_at_provider", error.detail));
    return move(std::move(attempt), AttemptState::failed, tx);
  }
  if (*attempt.silent_since + silence_max <= tx.now()) {
    TRY(events.add_alert(organization, id, "given_up", error.detail));
    return move(std::move(attempt), AttemptState::expired, tx);
  }
  TRY(attempts.update(attempt, next_look(tx.now(), attempt.tries)));
  return attempt;
}

Result<> record_nonsense(OrganizationId organization, AttemptId id, const Error& error, sql::Transaction& tx) {
  return store::Events(tx).add_alert(organization, id, error.reason, error.detail);
}

Result<Attempt> record_never_begun(OrganizationId organization, AttemptId id, sql::Transaction& tx) {
  Attempt attempt = TRY(find_for_update(organization, id, tx));
  if (!attempt.provider_payment_id.empty() || is_final(attempt.state)) return attempt;
  return move(std::move(attempt), AttemptState::expired, tx);
}

Result<> record_refund_silence(const Refund& asked, const Error& error, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  store::Events events(tx);
  const Attempt attempt = TRY(find_for_update(asked.organization, asked.attempt, tx));
  auto known = TRY(unsettled(asked, tx));
  if (!known) return {};
  Refund& refund = *known;
  // A refund that the provider has is asked about until it says how it ended.
  const bool definite = error.code == ErrorCode::invalid_input || error.code == ErrorCode::not_found;
  const bool is_refused = definite && refund.provider_refund_id.empty() && ++refund.refusals >= refund_refusals_max;
  // What must not be kept is tried for ever, and somebody is told; what was asked for, whoever asked may ask for again.
  if (is_refused && refund.reason == RefundReason::surplus)
    TRY(events.add_alert(refund.organization, refund.attempt, "refund_refused", error.detail));
  else if (is_refused)
    return fail_refund(refund, attempt, error.detail, tx);
  if (error.code == ErrorCode::internal)
    TRY(events.add_alert(refund.organization, refund.attempt, error.reason, error.detail));
  if (refund.tries >= late_refund_tries)
    TRY(events.add_alert(refund.organization, refund.attempt, "refund_late", error.detail));
  return movements.update_refund(refund, next_look(tx.now(), refund.tries));
}

Result<> record_too_little_left(const Refund& asked, const ProviderPayment& word, sql::Transaction& tx) {
  const Attempt attempt = TRY(find_for_update(asked.organization, asked.attempt, tx));
  const auto refund = TRY(unsettled(asked, tx));
  const bool is_there = !refund || !refund->provider_refund_id.empty();
  if (!is_there) TRY(give_up(*refund, "less than " + refund->amount.decimal() + " is left at the provider", tx));
  TRY(book_chargebacks(attempt, word, tx));
  TRY(book_refunds(attempt, word, tx));
  TRY(return_surplus(attempt, left_minor(word), tx));
  return is_there ? Result<>() : refresh_link(attempt, Tell::always, tx);
}

Result<> record_refund_word(const Refund& asked, const ProviderRefund& word, sql::Transaction& tx) {
  store::MoneyMovements movements(tx);
  const Attempt attempt = TRY(find_for_update(asked.organization, asked.attempt, tx));
  auto known = TRY(unsettled(asked, tx));
  // Somebody may have given it up meanwhile: then it is booked as what it is, somebody else's.
  if (!known) return TRY(book_refund(attempt, word, tx)) ? refresh_link(attempt, Tell::always, tx) : Result<>();
  Refund& refund = *known;
  refund.provider_refund_id = word.id;
  refund.refusals = 0;
  const bool is_it = refund.reason == RefundReason::external || word.refund == refund.id.text();
  if (word.amount != refund.amount || !is_it) {
    TRY(store::Events(tx).add_alert(attempt.organization, attempt.id, "refund_mismatch",
                                    "refund " + word.id + " is of " + word.amount.decimal() + " for " + word.refund));
    return movements.update_refund(refund, next_look(tx.now(), refund.tries));
  }
  switch (word.state) {
    case ProviderRefundState::pending:
      refund.state = RefundState::pending;
      if (refund.created_at + late_refund_age <= tx.now())
        TRY(store::Events(tx).add_alert(attempt.organization, attempt.id, "refund_late",
                                        "refund " + word.id + " waits at the provider, for want of a balance there?"));
      return movements.update_refund(refund, next_look(tx.now(), refund.tries));
    case ProviderRefundState::failed:
      TRY(fail_refund(refund, attempt, "refund " + word.id, tx));
      // The merchant's own way of returning it has failed: it goes back by ours.
      if (refund.reason != RefundReason::external) return {};
      return return_surplus(attempt, attempt.amount.minor_units(), tx);
    case ProviderRefundState::refunded:
      break;
  }
  refund.state = RefundState::refunded;
  TRY(movements.insert_movement(movement(attempt, MovementKind::refund, refund.amount, tx)));
  TRY(movements.update_refund(refund, std::nullopt));
  return refresh_link(attempt, Tell::always, tx);
}

}  // namespace paylink::app
