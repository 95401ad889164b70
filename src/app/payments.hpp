#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/ask_limiter.hpp"
#include "app/lane.hpp"
#include "app/payment_provider.hpp"
#include "crypto/keyring.hpp"
#include "domain/attempt.hpp"
#include "domain/movement.hpp"
#include "domain/payment_link.hpp"

namespace paylink::app {

enum class StartOver : std::uint8_t { no, yes };

struct StartPayment {
  OrganizationId organization;
  Uuid resource_id;  // the link's secret
  PaymentMethod method;
  std::string debitor_email;
  Uuid nonce;  // of the form: a double submit is the same attempt
  StartOver start_over = StartOver::no;
};

// Where an attempt's money goes and what speaks for the merchant there.
struct AttemptWithAccess {
  Attempt attempt;
  ProviderAccess access;
  Time loaded_at;
};

// Whether the provider can tell us that something has changed. It refuses to make a payment that it should tell this
// machine of; then we find out when the payer comes back, and by asking.
enum class Notifications : std::uint8_t { reach_us, reach_nobody };

// Whether the provider has just said how an attempt stands; else it is as it was known before.
enum class Heard : std::uint8_t { no, yes };
struct Settled {
  Attempt attempt;
  Heard heard;
};

// What the provider says of a refund, and of its payment where that was asked about, too.
struct RefundAnswer {
  Result<std::optional<ProviderRefund>> refund;  // absent: it has none, and too little is left of the payment
  std::optional<ProviderPayment> payment{};
};

// The life of a payment (design: three steps, never a transaction around the network):
//   1. the attempt is stored, with its own key for the provider   2. the provider is called with that key
//   3. what the provider says is stored, with everything that follows from it, in one transaction.
// A crash between them leaves an attempt that `reconcile` settles.
class Payments {
 public:
  // `public_url` without a slash at its end.
  Payments(Lane& lane, PaymentProvider& provider, const crypto::KeyRing& keys, std::string public_url,
           Notifications notifications = Notifications::reach_us)
      : lane_(lane),
        provider_(provider),
        keys_(keys),
        public_url_(std::move(public_url)),
        notifications_(notifications) {}

  // Begins (or, for a nonce seen before, goes on with) an attempt; its `checkout_url` is where the payer goes. Fails
  // with
  //   not_found, link_not_open (conflict: paid, processing, canceled or expired), payment_begun (conflict: somebody has
  //   begun to pay a link that can be paid once, and start_over is not said), merchant_disconnected (conflict),
  //   method_not_offered (invalid_input), provider_unavailable (unavailable: the same form may be sent again),
  //   payment_refused (invalid_input: the provider does not take this payment).
  Task<Result<Attempt>> start(StartPayment command);

  // Asks the provider about an attempt and stores what it says; answers with the attempt as it stands then. When the
  // provider cannot be reached, or has been asked about this attempt again and again just now, the attempt is returned
  // as it is known. Fails with `not_found`.
  Task<Result<Attempt>> settle(OrganizationId organization, AttemptId id);
  // The same for a payer's page, which must not say of what has become unknown that it is so.
  Task<Result<Settled>> settle_by_token(OrganizationId organization, std::string token);
  // As `settle_by_token`, for the provider's own notices: it fails with `provider_silent` or `asked_too_often` when the
  // provider was not heard, so that the notice comes again. Of an attempt that has ended notices tell what nobody else
  // asks for: that it was paid after all, refunded at the provider, or charged back.
  Task<Result<Attempt>> settle_noticed(OrganizationId organization, std::string token);

  // Asks the provider to cancel what is being settled on a link, and stores what it says: some payments can still be
  // canceled, others not. `also` is done in the transaction that stores a word, after it. Fails with
  // `provider_unavailable` when the provider does not say; then this may be done again.
  using Also = std::function<Result<>(sql::Transaction&)>;
  Task<Result<>> cancel_in_process(OrganizationId organization, PaymentLinkId link, Also also);

  // Settle attempts, and refunds, whose time has come, at most `limit`: what a crash, a lost notification or a payer
  // who never came back left. The number of those looked at. Several may run at once. Attempts do not stay open for
  // ever: one that the provider does not know, never heard of, or says nothing about for a month ends, with an alert
  // for the operator.
  Task<Result<int>> reconcile_attempts(int limit);
  Task<Result<int>> reconcile_refunds(int limit);
  // They return after the one they are at.
  void stop() { stopping_ = true; }

 private:
  Result<AttemptWithAccess> begin(const StartPayment& command, sql::Transaction& tx) const;
  Result<AttemptWithAccess> load(OrganizationId organization, AttemptId id, sql::Transaction& tx) const;
  NewProviderPayment describe(const Attempt& attempt) const;
  Task<Result<ProviderPayment>> ask_provider(const AttemptWithAccess& known);
  Task<Result<Settled>> ask(AttemptWithAccess known);
  Task<Result<Settled>> look_at(OrganizationId organization, AttemptId id);
  Task<Result<>> alert_nonsense(const Attempt& attempt, const Error& error);
  Task<Result<Attempt>> look_again(OrganizationId organization, AttemptId id);
  Task<RefundAnswer> ask_about_refund(const Refund& refund, const AttemptWithAccess& known);
  Task<Result<>> push_refund(Refund refund);

  Lane& lane_;
  PaymentProvider& provider_;
  const crypto::KeyRing& keys_;
  std::string public_url_;
  Notifications notifications_;
  AskLimiter limiter_;
  std::atomic<bool> stopping_{false};
};

// The address of one attempt's pages, and of the provider's notices about it: organization and token in one word, so
// that nothing is looked up without its organization.
std::string attempt_word(const Attempt& attempt);
struct AttemptWord {
  OrganizationId organization;
  std::string token;  // 16 bytes
};
std::optional<AttemptWord> read_attempt_word(std::string_view word);

}  // namespace paylink::app
