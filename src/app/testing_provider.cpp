#include "app/testing_provider.hpp"

namespace paylink::app::testing {

Task<Result<ProviderPayment>> FakeProvider::create(const ProviderAccess&, NewProviderPayment wanted) {
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

Task<Result<ProviderPayment>> FakeProvider::find(const ProviderAccess&, std::string id) {
  ++finds;
  if (auto hook = std::exchange(during_find, nullptr)) hook();
  if (auto failure = next_failure()) return at_once<ProviderPayment>(*failure);
  if (!payments.contains(id)) return at_once<ProviderPayment>(unknown());
  ProviderPayment payment = payments.at(id);
  for (std::size_t i = 0; i < refunds.size(); ++i)
    if (refunded_payments_[i] == id) payment.refunds.push_back(refunds[i]);
  return at_once<ProviderPayment>(std::move(payment));
}

Task<Result<ProviderPayment>> FakeProvider::cancel(const ProviderAccess&, std::string id) {
  ++cancels;
  if (auto failure = next_failure()) return at_once<ProviderPayment>(*failure);
  if (!payments.contains(id)) return at_once<ProviderPayment>(unknown());
  if (refuses_to_cancel || !payments.at(id).cancelable || !is_cancelable(payments.at(id).state))
    return at_once<ProviderPayment>(fail(ErrorCode::conflict, "provider_conflict", ""));
  payments.at(id).state = AttemptState::canceled;
  payments.at(id).checkout_url = "";
  return at_once<ProviderPayment>(payments.at(id));
}

Task<Result<ProviderRefund>> FakeProvider::refund(const ProviderAccess&, std::string payment,
                                                  NewProviderRefund wanted) {
  ++refund_calls;
  refund_keys.push_back(wanted.idempotency_key);
  if (!refund_failures.empty()) {
    const Failure failure = refund_failures.front();
    refund_failures.pop_front();
    return at_once<ProviderRefund>(failure);
  }
  if (auto failure = next_failure()) return at_once<ProviderRefund>(*failure);
  if (const auto known = refund_keys_.find(wanted.idempotency_key); known != refund_keys_.end())
    return at_once<ProviderRefund>(refunds.at(known->second));
  if (refund_conflicts > 0 && !refunds.empty() && refunds.back().amount == wanted.amount) {
    --refund_conflicts;
    return at_once<ProviderRefund>(duplicate());
  }
  const std::int64_t all = refunded_minor(payment) + wanted.amount.minor_units();
  if (!gives_back_more && all > payments.at(payment).amount.minor_units()) return at_once<ProviderRefund>(refused());
  refund_keys_.emplace(wanted.idempotency_key, refunds.size());
  refunds.push_back({"re_" + std::to_string(refunds.size() + 1), refund_state, wanted.amount, wanted.refund});
  refunded_payments_.push_back(payment);
  if (std::exchange(lose_next_answer, false)) return at_once<ProviderRefund>(silent());
  return at_once<ProviderRefund>(refunds.back());
}

Task<Result<ProviderRefund>> FakeProvider::find_refund(const ProviderAccess&, std::string, std::string id) {
  if (auto failure = next_failure()) return at_once<ProviderRefund>(*failure);
  for (auto& refund : refunds)
    if (refund.id == id) return at_once<ProviderRefund>(refund);
  return at_once<ProviderRefund>(unknown());
}

Task<Result<std::vector<ListedChargeback>>> FakeProvider::chargebacks(const ProviderAccess&) {
  ++chargeback_lists;
  if (auto failure = next_failure()) return at_once<std::vector<ListedChargeback>>(*failure);
  return at_once<std::vector<ListedChargeback>>(charged_back);
}

Task<Result<PaymentMethods>> FakeProvider::methods(const ProviderAccess&, MethodsQuestion question) {
  ++methods_calls;
  asked_methods.push_back(question.amount ? question.amount->decimal() : question.locale);
  if (auto hook = std::exchange(during_methods, nullptr)) hook();
  if (auto failure = next_failure()) return at_once<PaymentMethods>(*failure);
  return at_once<PaymentMethods>(offered);
}

Task<Result<ProviderProfile>> FakeProvider::profile(const ProviderAccess& access) {
  if (auto hook = std::exchange(during_profile, nullptr)) hook();
  if (auto failure = next_failure()) return at_once<ProviderProfile>(*failure);
  const auto known = profiles.find(access.credential.reveal());
  if (known == profiles.end()) return at_once<ProviderProfile>(key_refused());
  return at_once<ProviderProfile>(known->second);
}

void FakeProvider::forget_keys() {
  keys_.clear();
  refund_keys_.clear();
}

void FakeProvider::refund_by_hand(const std::string& payment, const Money& amount, ProviderRefundState state) {
  refunds.push_back({"re_" + std::to_string(refunds.size() + 1), state, amount, {}});
  refunded_payments_.push_back(payment);
}

void FakeProvider::pay(const std::string& id) {
  payments.at(id).state = AttemptState::paid;
  payments.at(id).checkout_url = "";
  payments.at(id).cancelable = false;
}

std::optional<Failure> FakeProvider::next_failure() {
  if (always) return always;
  if (failures.empty()) return std::nullopt;
  auto failure = failures.front();
  failures.pop_front();
  return failure;
}

std::int64_t FakeProvider::refunded_minor(const std::string& payment) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < refunds.size(); ++i)
    if (refunded_payments_[i] == payment && refunds[i].state != ProviderRefundState::failed)
      sum += refunds[i].amount.minor_units();
  return sum;
}

bool FakeProvider::is_cancelable(AttemptState state) const {
  return state == AttemptState::open || (cancels_pending && state == AttemptState::pending);
}

}  // namespace paylink::app::testing
