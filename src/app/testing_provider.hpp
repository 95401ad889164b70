#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/payment_provider.hpp"

// A provider for tests, without any of what tests are written with: other programs pay through it too.
namespace paylink::app::testing {

template <class T>
Task<Result<T>> at_once(Result<T> result) {
  co_return std::move(result);
}

// A provider in memory: payments by id, one per idempotency key.
class FakeProvider final : public PaymentProvider {
 public:
  Task<Result<ProviderPayment>> create(const ProviderAccess&, NewProviderPayment wanted) override;
  Task<Result<ProviderPayment>> find(const ProviderAccess&, std::string id) override;
  Task<Result<ProviderPayment>> cancel(const ProviderAccess&, std::string id) override;
  Task<Result<ProviderRefund>> refund(const ProviderAccess&, std::string payment, NewProviderRefund wanted) override;
  Task<Result<ProviderRefund>> find_refund(const ProviderAccess&, std::string, std::string id) override;

  Task<Result<std::vector<ListedChargeback>>> chargebacks(const ProviderAccess&) override;

  Task<Result<PaymentMethods>> methods(const ProviderAccess&, MethodsQuestion question) override;

  Task<Result<ProviderProfile>> profile(const ProviderAccess& access) override;

  // What it was sent long ago under a key, it would do again.
  void forget_keys();
  void pay(const std::string& id);
  // As the merchant does it at the provider itself.
  void refund_by_hand(const std::string& payment, const Money& amount, ProviderRefundState state);

  static Failure silent() { return fail(ErrorCode::unavailable, "provider_unavailable", ""); }
  static Failure unknown() { return fail(ErrorCode::not_found, "provider_not_found", ""); }
  static Failure refused() { return fail(ErrorCode::invalid_input, "provider_refused", ""); }
  static Failure duplicate() { return fail(ErrorCode::conflict, "provider_conflict", ""); }
  static Failure key_refused() { return fail(ErrorCode::unavailable, "provider_refuses_key", ""); }

  std::map<std::string, ProviderPayment> payments;
  std::vector<ProviderRefund> refunds;
  std::vector<std::string> refund_keys;             // of all calls
  std::vector<ListedChargeback> charged_back;       // newest first
  std::map<std::string, ProviderProfile> profiles;  // by the key
  std::deque<Failure> failures;                     // for the next calls
  std::deque<Failure> refund_failures;              // for the next refunds
  std::optional<Failure> always;
  ProviderRefundState refund_state = ProviderRefundState::refunded;
  int refund_conflicts = 0;      // so many refunds like the last are taken for it, sent twice
  bool gives_back_more = false;  // than came in, as Mollie does of most methods
  bool lose_next_answer = false;
  std::function<void()> during_create, during_find, during_methods, during_profile;
  PaymentMethods offered = {PaymentMethod::ideal, PaymentMethod::credit_card};
  std::vector<std::string> asked_methods;
  bool refuses_to_cancel = false;
  bool cancels_pending = false;  // else only what is open
  int creates = 0, finds = 0, cancels = 0, refund_calls = 0, methods_calls = 0, chargeback_lists = 0;

 private:
  std::optional<Failure> next_failure();
  std::int64_t refunded_minor(const std::string& payment) const;
  bool is_cancelable(AttemptState state) const;
  std::map<std::string, std::string> keys_;
  std::map<std::string, std::size_t> refund_keys_;  // into `refunds`
  std::vector<std::string> refunded_payments_;      // of each of these
};

}  // namespace paylink::app::testing
