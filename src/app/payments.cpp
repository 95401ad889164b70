#include "app/payments.hpp"

#include <algorithm>

#include "app/install.hpp"
#include "app/provider_word.hpp"
#include "base/log.hpp"
#include "crypto/encoding.hpp"
#include "store/attempts.hpp"
#include "store/money_movements.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

namespace paylink::app {
namespace {

// Nobody else looks at a claimed row before this is over: longer than any call to a provider.
constexpr std::chrono::seconds lease{30};

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

}  // namespace

std::string attempt_word(const Attempt& attempt) {
  std::string bytes(reinterpret_cast<const char*>(attempt.organization.uuid().bytes().data()), 16);
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

Result<ProviderAccess> Payments::access_of(const Attempt& attempt, sql::Transaction& tx) const {
  const auto connection = TRY(store::Organizations(tx).find_connection(attempt.organization, attempt.connection));
  return ProviderAccess{
      TRY(keys_.open(connection.api_key_sealed, connection_seal(connection.organization, connection.id)))};
}

Result<AttemptWithAccess> Payments::load(OrganizationId organization, AttemptId id, sql::Transaction& tx) const {
  Attempt attempt = TRY(store::Attempts(tx).find(organization, id));
  ProviderAccess access = TRY(access_of(attempt, tx));
  return AttemptWithAccess{std::move(attempt), std::move(access)};
}

// Step 1. Everything that follows is frozen here: amount, payee, method, connection.
Result<AttemptWithAccess> Payments::begin(const StartPayment& command, sql::Transaction& tx) const {
  const PaymentLink link = TRY(store::PaymentLinks(tx).find_by_resource(command.organization, command.resource_id));
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
  const auto connection = TRY(organizations.enabled_connection(link.organization));
  if (!connection)
    return fail(ErrorCode::unavailable, "provider_unavailable", "This merchant cannot take payments at the moment.");
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
  TRY(attempts.insert(attempt, link.reusable, tx.now() + lease));
  TRY(refresh_link(attempt, Tell::if_changed, tx));
  return load(attempt.organization, attempt.id, tx);
}

NewProviderPayment Payments::describe(const Attempt& attempt) const {
  const std::string word = attempt_word(attempt);
  return {.amount = attempt.amount,
          .method = attempt.method,
          .description = attempt.payee + " " + attempt.payment_link.text().substr(24),
          .redirect_url = public_url_ + "/a/" + word,
          .notification_url = public_url_ + "/notifications/mollie/" + word,
          .attempt = attempt.id.text(),
          .idempotency_key = attempt.id.text()};
}

Task<Result<Attempt>> Payments::start(StartPayment command) {
  const auto first_step = [this, &command](sql::Transaction& tx) { return begin(command, tx); };
  CO_TRY(known, co_await lane_.write(first_step));
  // A form sent twice: the provider has been told already.
  if (!known.attempt.provider_payment_id.empty() || is_final(known.attempt.state)) co_return known.attempt;
  auto described = describe(known.attempt);
  auto word = co_await provider_.create(known.access, std::move(described));
  const Attempt attempt = known.attempt;
  if (!word && word.error().code == ErrorCode::invalid_input) {
    LOG(warn, "payment_refused", {"attempt", attempt.id.text()}, {"detail", word.error().detail});
    const auto refuse = [&](sql::Transaction& tx) { return record_refusal(attempt.organization, attempt.id, tx); };
    CO_TRY(refused, co_await lane_.write(refuse));
    co_return fail(ErrorCode::invalid_input, "payment_refused",
                   "The payment provider does not take this payment. Nothing was charged; try another method.");
  }
  if (!word) co_return provider_unavailable(word.error());
  const auto last_step = [&](sql::Transaction& tx) {
    return record_provider_word(attempt.organization, attempt.id, *word, tx);
  };
  CO_TRY(recorded, co_await lane_.write(last_step));
  co_return recorded;
}

// Steps 2 and 3 for an attempt that is there: what does the provider say of it now?
Task<Result<Attempt>> Payments::ask(AttemptWithAccess known) {
  const Attempt attempt = known.attempt;
  auto word = Result<ProviderPayment>(fail(ErrorCode::internal, "not_asked", {}));
  if (attempt.provider_payment_id.empty()) {
    // The crash came between storing the attempt and hearing its id: the same key finds, or makes, the same payment.
    auto described = describe(attempt);
    word = co_await provider_.create(known.access, std::move(described));
  } else if (attempt.superseded_at && !is_final(attempt.state)) {
    word = co_await provider_.cancel(known.access, attempt.provider_payment_id);
    if (!word) word = co_await provider_.find(known.access, attempt.provider_payment_id);
  } else {
    word = co_await provider_.find(known.access, attempt.provider_payment_id);
  }
  if (!word) {
    LOG(warn, "provider_silent", {"attempt", attempt.id.text()}, {"reason", word.error().reason},
        {"detail", word.error().detail});
    if (attempt.provider_payment_id.empty() && word.error().code == ErrorCode::invalid_input) {
      const auto refuse = [&](sql::Transaction& tx) { return record_refusal(attempt.organization, attempt.id, tx); };
      CO_TRY(refused, co_await lane_.write(refuse));
      co_return refused;
    }
    co_return attempt;
  }
  const auto last_step = [&](sql::Transaction& tx) {
    return record_provider_word(attempt.organization, attempt.id, *word, tx);
  };
  CO_TRY(recorded, co_await lane_.write(last_step));
  co_return recorded;
}

Task<Result<Attempt>> Payments::settle(OrganizationId organization, AttemptId id) {
  const auto look = [&](sql::Transaction& tx) { return load(organization, id, tx); };
  CO_TRY(known, co_await lane_.read(look));
  if (known.attempt.state == AttemptState::paid) co_return known.attempt;
  auto answer = co_await ask(std::move(known));
  co_return answer;
}

Task<Result<Attempt>> Payments::settle_by_token(OrganizationId organization, std::string token) {
  const auto look = [&](sql::Transaction& tx) { return store::Attempts(tx).find_by_token(organization, token); };
  CO_TRY(attempt, co_await lane_.read(look));
  auto answer = co_await settle(organization, attempt.id);
  co_return answer;
}

Task<Result<>> Payments::push_refund(Refund refund) {
  const auto look = [&](sql::Transaction& tx) { return load(refund.organization, refund.attempt, tx); };
  CO_TRY(known, co_await lane_.read(look));
  auto word = Result<ProviderRefund>(fail(ErrorCode::internal, "not_asked", {}));
  if (refund.provider_refund_id.empty())
    word = co_await provider_.refund(known.access, known.attempt.provider_payment_id, refund.amount,
                                     "This payment was not needed", refund.id.text());
  else
    word = co_await provider_.find_refund(known.access, known.attempt.provider_payment_id, refund.provider_refund_id);
  if (!word) {
    LOG(error, "refund_not_done", {"refund", refund.id.text()}, {"reason", word.error().reason},
        {"detail", word.error().detail});
    // Refused for good: a person has to look. Anything else is tried again when its time comes.
    if (word.error().code != ErrorCode::invalid_input) co_return Result<>();
    word = ProviderRefund{refund.provider_refund_id, ProviderRefundState::failed, refund.amount};
  }
  const auto last_step = [&](sql::Transaction& tx) { return record_refund_word(refund, *word, tx); };
  CO_CHECK(co_await lane_.write(last_step));
  co_return Result<>();
}

Task<Result<int>> Payments::reconcile(int limit) {
  const auto claim_attempts = [&](sql::Transaction& tx) { return store::Attempts(tx).claim_due(limit, lease); };
  CO_TRY(attempts, co_await lane_.write(claim_attempts));
  for (const Attempt& attempt : attempts) {
    auto settled = co_await settle(attempt.organization, attempt.id);
    if (!settled) LOG(error, "attempt_not_settled", {"attempt", attempt.id.text()}, {"detail", settled.error().detail});
  }
  const auto claim_refunds = [&](sql::Transaction& tx) {
    return store::MoneyMovements(tx).claim_due_refunds(limit, lease);
  };
  CO_TRY(refunds, co_await lane_.write(claim_refunds));
  for (const Refund& refund : refunds) {
    auto pushed = co_await push_refund(refund);
    if (!pushed) LOG(error, "refund_not_settled", {"refund", refund.id.text()}, {"detail", pushed.error().detail});
  }
  co_return static_cast<int>(attempts.size() + refunds.size());
}

}  // namespace paylink::app
