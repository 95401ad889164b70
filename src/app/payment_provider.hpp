#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "domain/attempt.hpp"
#include "domain/money.hpp"
#include "domain/organization.hpp"
#include "domain/payment_method.hpp"

namespace paylink::app {

// What an access token is used for: it works for every profile of the merchant's, in both modes.
struct GrantedAccess {
  OrganizationId organization;  // ours, and the grant it came of (token_renewal.hpp)
  ProviderGrantId grant;
  std::int64_t tokens = 0;  // which of its tokens
  std::string profile_id;
  bool is_test = false;
};

// What speaks for one merchant at the provider: an API key, which is of one profile and mode, or an access token.
struct ProviderAccess {
  Secret credential;
  std::optional<GrantedAccess> granted{};  // of an access token
};

struct NewProviderPayment {
  Money amount;
  PaymentMethod method;
  std::string description;       // what the payer reads on the statement; at most 255 code points
  std::string redirect_url;      // where the payer's browser returns
  std::string notification_url;  // empty: we are told nothing
  std::string attempt;           // our id of the attempt, echoed by the provider
  std::string idempotency_key;   // the same on every try for one attempt
};

// Money that the payer's bank took back.
struct ProviderChargeback {
  std::string id;
  Money amount;
  Time created_at;
  std::optional<Time> reversed_at;  // absent: the bank keeps it
};

enum class ProviderRefundState : std::uint8_t { pending, refunded, failed };

struct ProviderRefund {
  std::string id;
  ProviderRefundState state;
  Money amount;
  std::string refund;  // as given at creation; empty when the provider has none, or nothing of ours
};

// What the provider says of a payment now.
struct ProviderPayment {
  std::string id;
  AttemptState state;
  Money amount;
  std::string attempt;       // as given at creation; empty when the provider has none
  std::string checkout_url;  // empty once nothing can be paid
  bool cancelable = false;
  std::optional<Time> expires_at;
  std::vector<ProviderChargeback> chargebacks{};  // all there ever were, reversed ones too; only `find` tells
  std::optional<PaymentMethod> method{};          // the payer's last choice; absent: not known, or none of ours
  std::vector<ProviderRefund> refunds{};          // whoever made them; only `find` tells
  std::optional<Time> paid_at{};                  // by the provider's clock, in seconds
};

struct NewProviderRefund {
  Money amount;
  std::string description;
  std::string refund;           // our id of the refund, echoed by the provider
  std::string idempotency_key;  // the same on every try for one refund, until it is refused
};

// One of a merchant's chargebacks, and of which payment.
struct ListedChargeback {
  std::string payment_id;
  ProviderChargeback chargeback;
};

// Whom payments go to.
struct ProviderProfile {
  std::string id;
  std::string name;
  bool is_blocked = false;  // nobody can be paid through it
};

// For what a merchant wants to know how it could be paid: an amount, a payer from somewhere, either or neither.
struct MethodsQuestion {
  std::optional<Money> amount;
  std::string locale;  // `nl_NL`; empty: anywhere
};

// A payment provider, in one screen. Every call has a deadline. Failures: `unavailable` (the outcome is unknown or
// nothing happened: try again with the same key), `not_found`, `conflict` (it cannot be done now), `invalid_input` (the
// provider refused what we asked), `internal` (an answer that makes no sense; detail says which).
class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;
  // With a key that was used before, the answer may be the first one again, however old: `find` says what is so now.
  virtual Task<Result<ProviderPayment>> create(const ProviderAccess& access, NewProviderPayment payment) = 0;
  virtual Task<Result<ProviderPayment>> find(const ProviderAccess& access, std::string payment_id) = 0;
  virtual Task<Result<ProviderPayment>> cancel(const ProviderAccess& access, std::string payment_id) = 0;
  virtual Task<Result<ProviderRefund>> refund(const ProviderAccess& access, std::string payment_id,
                                              NewProviderRefund refund) = 0;
  virtual Task<Result<ProviderRefund>> find_refund(const ProviderAccess& access, std::string payment_id,
                                                   std::string refund_id) = 0;
  // The merchant's last 250, newest first.
  virtual Task<Result<std::vector<ListedChargeback>>> chargebacks(const ProviderAccess& access) = 0;
  // What a payer could pay by now, in no order.
  virtual Task<Result<PaymentMethods>> methods(const ProviderAccess& access, MethodsQuestion question) = 0;
  // Whose API key it is; `unavailable` with the reason `provider_refuses_key` when nobody's.
  virtual Task<Result<ProviderProfile>> profile(const ProviderAccess& access) = 0;
};

}  // namespace paylink::app
