#pragma once

#include "app/payment_provider.hpp"
#include "domain/attempt.hpp"
#include "domain/movement.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// What there is in a word that cannot be about this attempt: another id, attempt or amount. It never moves money.
std::optional<std::string> contradiction(const Attempt& attempt, const ProviderPayment& word);

// Stores what the provider says of an attempt, and in the same transaction everything that follows: attempt, capture,
// chargebacks, refunds that were made at the provider, what of a surplus goes back, ledger, the link's status, the
// outbox. A refund that was done and then failed at the provider is booked back, and the operator told. Word that does
// not fit (another amount, another attempt, a state that cannot be) moves nothing and becomes an alert. Answers with
// the attempt as it stands.
Result<Attempt> record_provider_word(OrganizationId organization, AttemptId id, const ProviderPayment& word,
                                     sql::Transaction& tx);

// The provider refuses to make a payment for this attempt at all: it has failed.
Result<Attempt> record_refusal(OrganizationId organization, AttemptId id, sql::Transaction& tx);

// Stores that the provider, asked by the reconciler, did not say how the attempt stands, and when to ask again. An
// attempt whose payment the provider does not know, several times in a row, has failed; one without word for a month
// has expired. What our key or the provider's answers are to blame for becomes an alert at once.
Result<Attempt> record_silence(OrganizationId organization, AttemptId id, const Error& error, sql::Transaction& tx);

// The provider's answer made no sense: the operator is told, and nothing else changes.
Result<> record_nonsense(OrganizationId organization, AttemptId id, const Error& error, sql::Transaction& tx);

// The provider was never heard of this attempt, and would by now make a new payment for the same key, which nobody
// waits for: it has expired.
Result<Attempt> record_never_begun(OrganizationId organization, AttemptId id, sql::Transaction& tx);

// For how long we count on the provider to remember an idempotency key, less the time a call may take. Mollie documents
// 24 hours; an hour is enough for us, and leaves room for a provider that promises less.
constexpr std::chrono::minutes key_lifetime{55};

// Stores that the provider did not take, or does not tell of, a refund: after some definite refusals in a row one that
// was asked for and that the provider never took has failed, while a surplus goes on being tried; the operator is told
// either way.
Result<> record_refund_silence(const Refund& asked, const Error& error, sql::Transaction& tx);

// What is left of a payment at the provider when chargebacks and all refunds are taken from it, whoever made them, in
// minor units of its currency; nothing where one of them is of another currency.
std::int64_t left_minor(const ProviderPayment& payment);

// Stores that less than a refund's amount is left at the provider, which does not have it: it has failed. What others
// have done is booked; of a surplus the rest goes back, if there is any, else the operator is told.
Result<> record_too_little_left(const Refund& asked, const ProviderPayment& word, sql::Transaction& tx);

// Stores what the provider says of a refund; books it once it is done, alerts when it cannot be.
Result<> record_refund_word(const Refund& asked, const ProviderRefund& word, sql::Transaction& tx);

// Recomputes and stores the status of an attempt's link; tells the outbox when it has changed, or `told` says so.
enum class Tell : std::uint8_t { if_changed, always };
Result<> refresh_link(const Attempt& attempt, Tell tell, sql::Transaction& tx);

// When to ask again about an attempt or refund after `tries` fruitless times: half a minute, doubling to an hour.
Time next_look(Time now, int tries);

}  // namespace paylink::app
