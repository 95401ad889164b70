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
  Task<Result<ProviderPayment>> create(const ProviderAccess&, NewProviderPayment wanted) override {
    ++creates;
    if (auto hook = std::exchange(during_create, nullptr)) hook();
    if (auto failure = next_failure()) return at_once<ProviderPayment>(*failure);
    auto [known, fresh] = keys_.try_emplace(wanted.idempotency_key, "tr_" + std::to_string(keys_.size() + 1));
    if (fresh)
      payments.emplace(known->second, ProviderPayment{known->second,
                                                      AttemptState::open,
                                                      wanted.amount,
                                                      wanted.attempt,
                                                      "https://provider/" + known->second,
                                                      true,
                                                      {}});
    if (std::exchange(lose_next_answer, false)) return at_once<ProviderPayment>(silent());
    return at_once<ProviderPayment>(payments.at(known->second));
  }
  Task<Result<ProviderPayment>> find(const ProviderAccess&, std::string id) override {
    ++finds;
    if (auto hook = std::exchange(during_find, nullptr)) hook();
    if (auto failure = next_failure()) return at_once<ProviderPayment>(*failure);
    if (!payments.contains(id)) return at_once<ProviderPayment>(unknown());
    return at_once<ProviderPayment>(payments.at(id));
  }
  Task<Result<ProviderPayment>> cancel(const ProviderAccess&, std::string id) override {
    ++cancels;
    if (auto failure = next_failure()) return at_once<ProviderPayment>(*failure);
    if (!payments.contains(id)) return at_once<ProviderPayment>(unknown());
    if (refuses_to_cancel || !payments.at(id).cancelable || !is_cancelable(payments.at(id).state))
      return at_once<ProviderPayment>(fail(ErrorCode::conflict, "provider_conflict", ""));
    payments.at(id).state = AttemptState::canceled;
    payments.at(id).checkout_url = "";
    return at_once<ProviderPayment>(payments.at(id));
  }
  Task<Result<ProviderRefund>> refund(const ProviderAccess&, std::string payment, NewProviderRefund wanted) override {
    ++refund_calls;
    if (auto failure = next_failure()) return at_once<ProviderRefund>(*failure);
    if (const auto known = refund_keys_.find(wanted.idempotency_key); known != refund_keys_.end())
      return at_once<ProviderRefund>(refunds.at(known->second));
    if (refund_conflicts > 0 && !refunds.empty() && refunds.back().amount == wanted.amount) {
      --refund_conflicts;
      return at_once<ProviderRefund>(duplicate());
    }
    if (refunded_minor(payment) + wanted.amount.minor_units() > payments.at(payment).amount.minor_units())
      return at_once<ProviderRefund>(refused());
    refund_keys_.emplace(wanted.idempotency_key, refunds.size());
    refunds.push_back({"re_" + std::to_string(refunds.size() + 1), refund_state, wanted.amount, wanted.refund});
    refunded_payments_.push_back(payment);
    if (std::exchange(lose_next_answer, false)) return at_once<ProviderRefund>(silent());
    return at_once<ProviderRefund>(refunds.back());
  }
  Task<Result<ProviderRefund>> find_refund(const ProviderAccess&, std::string, std::string id) override {
    if (auto failure = next_failure()) return at_once<ProviderRefund>(*failure);
    for (auto& refund : refunds)
      if (refund.id == id) return at_once<ProviderRefund>(refund);
    return at_once<ProviderRefund>(unknown());
  }
  Task<Result<std::optional<ProviderRefund>>> find_refund_made_for(const ProviderAccess&, std::string,
                                                                   std::string ours) override {
    if (auto failure = next_failure()) return at_once<std::optional<ProviderRefund>>(*failure);
    for (auto& refund : refunds)
      if (refund.refund == ours) return at_once<std::optional<ProviderRefund>>(std::optional<ProviderRefund>(refund));
    return at_once<std::optional<ProviderRefund>>(std::optional<ProviderRefund>());
  }

  Task<Result<std::vector<ListedChargeback>>> chargebacks(const ProviderAccess&) override {
    ++chargeback_lists;
    if (auto failure = next_failure()) return at_once<std::vector<ListedChargeback>>(*failure);
    return at_once<std::vector<ListedChargeback>>(charged_back);
  }

  Task<Result<PaymentMethods>> methods(const ProviderAccess&, MethodsQuestion question) override {
    ++methods_calls;
    asked_methods.push_back(question.amount ? question.amount->decimal() : question.locale);
    if (auto hook = std::exchange(during_methods, nullptr)) hook();
    if (auto failure = next_failure()) return at_once<PaymentMethods>(*failure);
    return at_once<PaymentMethods>(offered);
  }

  Task<Result<ProviderProfile>> profile(const ProviderAccess& access) override {
    if (auto hook = std::exchange(during_profile, nullptr)) hook();
    if (auto failure = next_failure()) return at_once<ProviderProfile>(*failure);
    const auto known = profiles.find(access.credential.reveal());
    if (known == profiles.end()) return at_once<ProviderProfile>(key_refused());
    return at_once<ProviderProfile>(known->second);
  }

  // What it was sent long ago under a key, it would do again.
  void forget_keys() {
    keys_.clear();
    refund_keys_.clear();
  }
  void pay(const std::string& id) {
    payments.at(id).state = AttemptState::paid;
    payments.at(id).checkout_url = "";
    payments.at(id).cancelable = false;
  }

  static Failure silent() { return fail(ErrorCode::unavailable, "provider_unavailable", ""); }
  static Failure unknown() { return fail(ErrorCode::not_found, "provider_not_found", ""); }
  static Failure refused() { return fail(ErrorCode::invalid_input, "provider_refused", ""); }
  static Failure duplicate() { return fail(ErrorCode::conflict, "provider_conflict", ""); }
  static Failure key_refused() { return fail(ErrorCode::unavailable, "provider_refuses_key", ""); }

  std::map<std::string, ProviderPayment> payments;
  std::vector<ProviderRefund> refunds;
  std::vector<ListedChargeback> charged_back;       // newest first
  std::map<std::string, ProviderProfile> profiles;  // by the key
  std::deque<Failure> failures;                     // for the next calls
  std::optional<Failure> always;
  ProviderRefundState refund_state = ProviderRefundState::refunded;
  int refund_conflicts = 0;  // so many refunds like the last are taken for it, sent twice
  bool lose_next_answer = false;
  std::function<void()> during_create, during_find, during_methods, during_profile;
  PaymentMethods offered = {PaymentMethod::ideal, PaymentMethod::credit_card};
  std::vector<std::string> asked_methods;
  bool refuses_to_cancel = false;
  bool cancels_pending = false;  // else only what is open
  int creates = 0, finds = 0, cancels = 0, refund_calls = 0, methods_calls = 0, chargeback_lists = 0;

 private:
  std::optional<Failure> next_failure() {
    if (always) return always;
    if (failures.empty()) return std::nullopt;
    auto failure = failures.front();
    failures.pop_front();
    return failure;
  }
  std::int64_t refunded_minor(const std::string& payment) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < refunds.size(); ++i)
      if (refunded_payments_[i] == payment && refunds[i].state != ProviderRefundState::failed)
        sum += refunds[i].amount.minor_units();
    return sum;
  }
  bool is_cancelable(AttemptState state) const {
    return state == AttemptState::open || (cancels_pending && state == AttemptState::pending);
  }
  std::map<std::string, std::string> keys_;
  std::map<std::string, std::size_t> refund_keys_;  // into `refunds`
  std::vector<std::string> refunded_payments_;      // of each of these
};

}  // namespace paylink::app::testing
