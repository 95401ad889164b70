#include "app/payments.hpp"

#include <algorithm>

#include "app/attempt_access.hpp"
#include "app/provider_grants.hpp"
#include "app/provider_word.hpp"
#include "base/log.hpp"
#include "crypto/encoding.hpp"
#include "store/attempts.hpp"
#include "store/connections.hpp"
#include "store/money_movements.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

// Nobody else looks at a claimed row before this is over: longer than all calls to the provider for one row, unless
// its credential is renewed meanwhile; whoever comes back later than that finds what was stored by then.
constexpr std::chrono::seconds payment_lease{45};

Failure link_not_open(LinkStatus status) {
  return fail(ErrorCode::conflict, "link_not_open",
              "This payment link is " + std::string(link_status_names.name(status)) + ".");
}

Failure provider_unavailable(const Error& error) {
  return fail(ErrorCode::unavailable, "provider_unavailable",
              "The payment provider does not answer at the moment. Nothing was charged; try again.", error.detail);
}

// Somebody else has begun to pay: with the payer's word that this one replaces it, it is superseded, and the reconciler
// cancels it at the provider.
Result<> make_room(const PaymentLink& link, StartOver start_over, sql::Transaction& tx) {
  store::Attempts attempts(tx);
  auto current = TRY(attempts.current_of_link(link.organization, link.id));
  if (current.empty()) return {};
  if (start_over == StartOver::no)
    return fail(ErrorCode::conflict, "payment_begun", "A payment of this link has already been started.");
  for (Attempt& attempt : current) {
    attempt.superseded_at = tx.now();
    attempt.tries = 0;
    TRY(attempts.update(attempt, tx.now()));
  }
  return {};
}

// Of a row whose connection or key is gone or unreadable: our trouble, and no word of the provider's.
Failure not_loaded(const Error& error) {
  const bool passing = error.code == ErrorCode::unavailable;
  return fail(passing ? ErrorCode::unavailable : ErrorCode::internal, "not_loaded", {},
              error.reason + " " + error.detail);
}

bool is_no_news(const Attempt& attempt, const ProviderPayment& word) {
  return !attempt.silent_since && word.id == attempt.provider_payment_id && word.state == attempt.state &&
         word.checkout_url == attempt.checkout_url && word.amount == attempt.amount &&
         word.attempt == attempt.id.text() && word.chargebacks.empty() && word.refunds.empty() &&
         word.method.value_or(attempt.method) == attempt.method;
}

// The provider refused to make a payment: to ask again would make one that nobody waits for.
bool was_refused(const Attempt& attempt) { return attempt.provider_payment_id.empty() && is_final(attempt.state); }

// Nobody has heard the provider's id, and the provider has forgotten our key: to send it again would make a payment
// that nobody waits for.
bool is_forgotten(const AttemptWithAccess& known) {
  return known.attempt.provider_payment_id.empty() && known.attempt.created_at + key_lifetime <= known.loaded_at;
}

// To a question about what was sent: it may have been done, and a refusal of the question refuses nothing.
Failure no_answer(const Error& error) {
  Failure failure{error};
  const bool definite = error.code == ErrorCode::invalid_input || error.code == ErrorCode::not_found;
  if (definite) failure.error().code = ErrorCode::unavailable;
  return failure;
}

// Not every earlier try ended with a refusal. That it was tried is not known to a copy from before.
bool may_have_been_sent(const Refund& refund, Time now) {
  return refund.tries > refund.refusals + 1 || refund.created_at + key_lifetime <= now;
}

Result<std::optional<ProviderRefund>> some(Result<ProviderRefund> word) {
  if (!word) return std::move(word).failure();
  return std::optional<ProviderRefund>(*std::move(word));
}

std::optional<ProviderRefund> made_for(const Refund& refund, const ProviderPayment& word) {
  const auto made = std::ranges::find(word.refunds, refund.id.text(), &ProviderRefund::refund);
  if (made == word.refunds.end()) return std::nullopt;
  return *made;
}

}  // namespace

std::string attempt_word(const Attempt& attempt) {
  std::string bytes(attempt.organization.uuid().raw());
  bytes.append(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
  return crypto::to_base64url(bytes);
}

std::optional<AttemptWord> read_attempt_word(std::string_view word) {
  const auto bytes = crypto::from_base64url(word);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> organization{};
  std::transform(bytes->begin(), bytes->begin() + 16, organization.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return AttemptWord{OrganizationId(Uuid(organization)), bytes->substr(16)};
}

Result<AttemptWithAccess> Payments::load(OrganizationId organization, AttemptId id, sql::Transaction& tx) const {
  Attempt attempt = TRY(store::Attempts(tx).find(organization, id));
  const auto connection = TRY(connection_for(attempt, tx));
  ProviderAccess access = TRY(access_of(connection, keys_, tx));
  return AttemptWithAccess{std::move(attempt), std::move(access), tx.now()};
}

// Step 1. Everything that follows is frozen here, amount, payee, connection; but at the provider the payer may still
// choose another method.
Result<AttemptWithAccess> Payments::begin(const StartPayment& command, sql::Transaction& tx) const {
  store::PaymentLinks links(tx);
  const PaymentLink link = TRY(links.find_by_resource_for_update(command.organization, command.resource_id));
  store::Attempts attempts(tx);
  if (const auto known = TRY(attempts.find_by_nonce(link.organization, link.id, command.nonce)))
    return load(known->organization, known->id, tx);
  if (const LinkStatus status = link.status_at(tx.now()); status != LinkStatus::open) return link_not_open(status);
  // An attempt begun in time keeps the link open past its date, but not for new ones.
  if (link.expiration_date <= tx.now()) return link_not_open(LinkStatus::expired);
  const bool offered = std::ranges::find(link.methods, command.method) != link.methods.end();
  if (!offered || (command.method == PaymentMethod::ideal && link.amount.currency().code() != "EUR"))
    return fail(ErrorCode::invalid_input, "method_not_offered", "This link cannot be paid with that method.");
  if (link.reusable == Reusable::no) TRY(make_room(link, command.start_over, tx));
  store::Organizations organizations(tx);
  const auto connection = TRY(store::Connections(tx).enabled(link.organization));
  if (!connection)
    return fail(ErrorCode::conflict, "merchant_disconnected", "This merchant takes no payments at the moment.");
  const Organization payee = TRY(organizations.find(link.organization));
  Attempt attempt{.organization = link.organization,
                  .id = AttemptId::create(tx.now(), tx.random()),
                  .payment_link = link.id,
                  .connection = connection->id,
                  .nonce = command.nonce,
                  .amount = link.amount,
                  .payee = payee.name,
                  .method = command.method,
                  .debitor_email = command.debitor_email,
                  .provider_payment_id = {},
                  .checkout_url = {},
                  .created_at = tx.now(),
                  .superseded_at = {},
                  .paid_at = {}};
  tx.random().fill(std::as_writable_bytes(std::span(attempt.token)));
  TRY(attempts.insert(attempt, link.reusable, tx.now() + payment_lease));
  TRY(refresh_link(attempt, Tell::if_changed, tx));
  return load(attempt.organization, attempt.id, tx);
}

NewProviderPayment Payments::describe(const Attempt& attempt) const {
  const std::string word = attempt_word(attempt);
  return {.amount = attempt.amount,
          .method = attempt.method,
          .description = attempt.payee + " " + attempt.payment_link.text().substr(24),
          .redirect_url = public_url_ + "/a/" + word,
          .notification_url =
              notifications_ == Notifications::reach_us ? public_url_ + "/notifications/mollie/" + word : std::string(),
          .attempt = attempt.id.text(),
          .idempotency_key = attempt.id.text()};
}

Task<Result<Attempt>> Payments::start(StartPayment command) {
  const auto first_step = [this, &command](sql::Transaction& tx) { return begin(command, tx); };
  CO_TRY(known, co_await lane_.write(command.organization, first_step));
  // A form sent twice: the provider has been told already.
  if (!known.attempt.provider_payment_id.empty() || is_final(known.attempt.state)) co_return known.attempt;
  auto described = describe(known.attempt);
  auto word = co_await provider_.create(known.access, std::move(described));
  const Attempt attempt = known.attempt;
  if (!word && word.error().code == ErrorCode::invalid_input) {
    LOG(warn, "payment_refused", {"attempt", attempt.id.text()}, {"detail", word.error().detail});
    const auto refuse = [&](sql::Transaction& tx) { return record_refusal(attempt.organization, attempt.id, tx); };
    CO_TRY(refused, co_await lane_.write(attempt.organization, refuse));
    co_return fail(ErrorCode::invalid_input, "payment_refused",
                   "The payment provider does not take this payment. Nothing was charged; try another method.");
  }
  if (!word) {
    CO_CHECK(co_await alert_nonsense(attempt, word.error()));
    co_return provider_unavailable(word.error());
  }
  const auto last_step = [&](sql::Transaction& tx) {
    return record_provider_word(attempt.organization, attempt.id, *word, tx);
  };
  CO_TRY(recorded, co_await lane_.write(attempt.organization, last_step));
  co_return recorded;
}

// An answer that makes no sense is nobody's word, and somebody has to look at it.
Task<Result<>> Payments::alert_nonsense(const Attempt& attempt, const Error& error) {
  if (error.code != ErrorCode::internal) co_return Result<>();
  const auto alert = [&](sql::Transaction& tx) { return record_nonsense(attempt.organization, attempt.id, error, tx); };
  auto told = co_await lane_.write(attempt.organization, alert);
  co_return told;
}

// Step 2 for an attempt that is there.
Task<Result<ProviderPayment>> Payments::ask_provider(const AttemptWithAccess& known) {
  const Attempt& attempt = known.attempt;
  std::string payment_id = attempt.provider_payment_id;
  std::optional<ProviderPayment> first_word;
  if (payment_id.empty()) {
    // The crash came between storing the attempt and hearing its id: the same key finds, or makes, the same payment.
    auto described = describe(attempt);
    auto created = co_await provider_.create(known.access, std::move(described));
    if (!created || !attempt.superseded_at || is_final(created->state)) co_return created;
    payment_id = created->id;
    first_word = *std::move(created);
  }
  if (attempt.superseded_at && !is_final(attempt.state)) {
    auto canceled = co_await provider_.cancel(known.access, payment_id);
    if (canceled) co_return canceled;
  }
  auto found = co_await provider_.find(known.access, payment_id);
  // What was just made is known by its first answer, whatever becomes of the second.
  if (!found && first_word) co_return *std::move(first_word);
  co_return found;
}

// Steps 2 and 3, for whoever wants to know: word that is no news is not stored, and word that cannot be about this
// attempt is not heard. Fails with `provider_silent`.
Task<Result<Settled>> Payments::ask(AttemptWithAccess known) {
  const Attempt attempt = known.attempt;
  auto word = co_await ask_provider(known);
  if (!word) {
    LOG(warn, "provider_silent", {"attempt", attempt.id.text()}, {"reason", word.error().reason},
        {"detail", word.error().detail});
    CO_CHECK(co_await alert_nonsense(attempt, word.error()));
    co_return fail(ErrorCode::unavailable, "provider_silent", "The payment provider does not answer at the moment.");
  }
  if (is_no_news(attempt, *word)) co_return Settled{attempt, Heard::yes};
  const auto last_step = [&](sql::Transaction& tx) {
    return record_provider_word(attempt.organization, attempt.id, *word, tx);
  };
  CO_TRY(recorded, co_await lane_.write(attempt.organization, last_step));
  co_return Settled{recorded, contradiction(attempt, *word) ? Heard::no : Heard::yes};
}

// The reconciler's turn: something is always stored, if only when to ask again. Only while the program is stopping it
// is not the provider who is silent, and the next start looks again.
Task<Result<Attempt>> Payments::look_again(OrganizationId organization, AttemptId id) {
  const auto look = [&](sql::Transaction& tx) { return load(organization, id, tx); };
  auto known = co_await lane_.read(organization, look);
  const bool forgotten = known && is_forgotten(*known);
  auto word = Result<ProviderPayment>(fail(ErrorCode::unavailable, "not_asked", {}));
  if (!known) word = not_loaded(known.error());
  if (known && !forgotten) word = co_await ask_provider(*known);
  if (!word && stopping_) co_return Failure{word.error()};
  if (!word && !forgotten)
    LOG(warn, "provider_silent", {"attempt", id.text()}, {"reason", word.error().reason},
        {"detail", word.error().detail});
  const bool refused =
      known && known->attempt.provider_payment_id.empty() && !word && word.error().code == ErrorCode::invalid_input;
  const auto last_step = [&](sql::Transaction& tx) -> Result<Attempt> {
    if (forgotten) return record_never_begun(organization, id, tx);
    if (refused) return record_refusal(organization, id, tx);
    if (!word) return record_silence(organization, id, word.error(), tx);
    return record_provider_word(organization, id, *word, tx);
  };
  CO_TRY(recorded, co_await lane_.write(organization, last_step));
  co_return recorded;
}

Task<Result<Settled>> Payments::look_at(OrganizationId organization, AttemptId id) {
  const auto look = [&](sql::Transaction& tx) { return load(organization, id, tx); };
  CO_TRY(known, co_await lane_.read(organization, look));
  if (known.attempt.state == AttemptState::paid || was_refused(known.attempt) || is_forgotten(known))
    co_return Settled{known.attempt, Heard::yes};
  if (!limiter_.may_ask(id, known.loaded_at)) co_return Settled{known.attempt, Heard::no};
  const Attempt attempt = known.attempt;
  auto answer = co_await ask(std::move(known));
  if (!answer && answer.error().reason == "provider_silent") co_return Settled{attempt, Heard::no};
  co_return answer;
}

Task<Result<Attempt>> Payments::settle(OrganizationId organization, AttemptId id) {
  CO_TRY(settled, co_await look_at(organization, id));
  co_return std::move(settled.attempt);
}

Task<Result<>> Payments::cancel_in_process(OrganizationId organization, PaymentLinkId link, Also also) {
  const auto look = [&](sql::Transaction& tx) -> Result<std::vector<AttemptWithAccess>> {
    std::vector<AttemptWithAccess> found;
    const auto attempts = TRY(store::Attempts(tx).in_process_of_link(organization, link));
    for (const Attempt& attempt : attempts) {
      auto known = TRY(load(attempt.organization, attempt.id, tx));
      found.push_back(std::move(known));
    }
    return found;
  };
  CO_TRY(in_process, co_await lane_.read(organization, look));
  for (const AttemptWithAccess& known : in_process) {
    const std::string payment = known.attempt.provider_payment_id;
    auto word = co_await provider_.cancel(known.access, payment);
    if (!word && word.error().code != ErrorCode::unavailable) word = co_await provider_.find(known.access, payment);
    if (!word && word.error().code == ErrorCode::unavailable)
      co_return fail(ErrorCode::unavailable, "provider_unavailable",
                     "The payment provider does not answer at the moment. The payment link is as it was; try again.",
                     word.error().detail);
    // What it does not know, or says that makes no sense, is the reconciler's to settle.
    if (!word || is_no_news(known.attempt, *word)) continue;
    const auto record = [&](sql::Transaction& tx) -> Result<> {
      TRY(record_provider_word(organization, known.attempt.id, *word, tx));
      return also(tx);
    };
    CO_CHECK(co_await lane_.write(organization, record));
  }
  co_return Result<>();
}

Task<Result<Settled>> Payments::settle_by_token(OrganizationId organization, std::string token) {
  const auto look = [&](sql::Transaction& tx) { return store::Attempts(tx).find_by_token(organization, token); };
  CO_TRY(attempt, co_await lane_.read(organization, look));
  auto answer = co_await look_at(organization, attempt.id);
  co_return answer;
}

Task<Result<Attempt>> Payments::settle_noticed(OrganizationId organization, std::string token) {
  const auto look = [&](sql::Transaction& tx) -> Result<AttemptWithAccess> {
    const Attempt attempt = TRY(store::Attempts(tx).find_by_token(organization, token));
    return load(organization, attempt.id, tx);
  };
  CO_TRY(known, co_await lane_.read(organization, look));
  const AttemptId id = known.attempt.id;
  if (!is_final(known.attempt.state) || known.attempt.provider_payment_id.empty()) {
    CO_TRY(settled, co_await look_at(organization, id));
    if (settled.heard == Heard::no)
      co_return fail(ErrorCode::unavailable, "provider_silent", "The payment provider does not answer at the moment.");
    co_return std::move(settled.attempt);
  }
  if (!limiter_.may_ask(id, known.loaded_at))
    co_return fail(ErrorCode::unavailable, "asked_too_often", "Too many notices of one payment.");
  CO_TRY(answer, co_await ask(std::move(known)));
  co_return std::move(answer.attempt);
}

// What is there is looked at first: a refund whose answer was lost is found by our id alone, and of most methods the
// provider gives back more than came in, when the merchant has given it back there before us.
Task<RefundAnswer> Payments::ask_about_refund(const Refund& refund, const AttemptWithAccess& known) {
  const std::string payment = known.attempt.provider_payment_id, ours = refund.id.text();
  if (!refund.provider_refund_id.empty()) {
    auto found = co_await provider_.find_refund(known.access, payment, refund.provider_refund_id);
    if (!found || found->state != ProviderRefundState::failed) co_return RefundAnswer{some(std::move(found))};
    // The merchant may have canceled it to give the money back in another way.
    auto beside = co_await provider_.find(known.access, payment);
    if (!beside || contradiction(known.attempt, *beside)) co_return RefundAnswer{some(std::move(found))};
    co_return RefundAnswer{some(std::move(found)), *std::move(beside)};
  }
  auto there = co_await provider_.find(known.access, payment);
  if (!there && may_have_been_sent(refund, known.loaded_at)) co_return RefundAnswer{no_answer(there.error())};
  if (!there) co_return RefundAnswer{std::move(there).failure()};
  if (const auto wrong = contradiction(known.attempt, *there))
    co_return RefundAnswer{fail(ErrorCode::internal, "mismatch", "Something went wrong on our side.", *wrong)};
  auto made = made_for(refund, *there);
  if (made || left_minor(*there) < refund.amount.minor_units())
    co_return RefundAnswer{std::move(made), *std::move(there)};
  const bool surplus = refund.reason == RefundReason::surplus;
  // Under a key that was refused the provider may say the same for ever, whatever was in the way.
  const std::string key = refund.refusals == 0 ? ours : ours + "-" + std::to_string(refund.refusals);
  NewProviderRefund wanted{refund.amount, surplus ? "This payment was not needed" : describe(known.attempt).description,
                           ours, key};
  // A conflict: it takes two of one amount within moments for one sent twice. This one's turn comes later.
  auto taken = co_await provider_.refund(known.access, payment, std::move(wanted));
  co_return RefundAnswer{some(std::move(taken)), *std::move(there)};
}

Task<Result<>> Payments::push_refund(Refund refund) {
  const auto look = [&](sql::Transaction& tx) { return load(refund.organization, refund.attempt, tx); };
  auto known = co_await lane_.read(refund.organization, look);
  RefundAnswer answer{fail(ErrorCode::unavailable, "not_asked", {})};
  if (!known) answer.refund = not_loaded(known.error());
  if (known) answer = co_await ask_about_refund(refund, *known);
  const auto& word = answer.refund;
  if (!word && stopping_) co_return Failure{word.error()};
  if (!word)
    LOG(warn, "refund_not_done", {"refund", refund.id.text()}, {"reason", word.error().reason},
        {"detail", word.error().detail});
  const auto last_step = [&](sql::Transaction& tx) -> Result<> {
    if (word && !*word) return record_too_little_left(refund, *answer.payment, tx);
    if (word)
      TRY(record_refund_word(refund, **word, tx));
    else
      TRY(record_refund_silence(refund, word.error(), tx));
    if (answer.payment && !is_no_news(known->attempt, *answer.payment))
      TRY(record_provider_word(refund.organization, refund.attempt, *answer.payment, tx));
    return {};
  };
  CO_CHECK(co_await lane_.write(refund.organization, last_step));
  co_return Result<>();
}

// One at a time: a lease is longer than the calls for one, and no row waits for another's under it.
Task<Result<int>> Payments::reconcile_attempts(int limit) {
  int found = 0;
  const auto claim = [](sql::Transaction& tx) { return store::Attempts(tx).claim_due(1, payment_lease); };
  for (; found < limit && !stopping_; ++found) {
    CO_TRY(attempts, co_await lane_.write(sql::Tenant::everybody(), claim));
    if (attempts.empty()) break;
    const Attempt attempt = attempts.front();
    auto settled = co_await look_again(attempt.organization, attempt.id);
    if (!settled) LOG(error, "attempt_not_settled", {"attempt", attempt.id.text()}, {"detail", settled.error().detail});
  }
  co_return found;
}

Task<Result<int>> Payments::reconcile_refunds(int limit) {
  int found = 0;
  const auto claim = [](sql::Transaction& tx) { return store::MoneyMovements(tx).claim_due_refunds(1, payment_lease); };
  for (; found < limit && !stopping_; ++found) {
    CO_TRY(refunds, co_await lane_.write(sql::Tenant::everybody(), claim));
    if (refunds.empty()) break;
    const Refund refund = refunds.front();
    auto pushed = co_await push_refund(refund);
    if (!pushed) LOG(error, "refund_not_settled", {"refund", refund.id.text()}, {"detail", pushed.error().detail});
  }
  co_return found;
}

}  // namespace paylink::app
