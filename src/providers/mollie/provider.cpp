#include "providers/mollie/provider.hpp"

#include "base/log.hpp"
#include "providers/mollie/connect_mapping.hpp"

namespace paylink::providers::mollie {
namespace {

using app::NewProviderPayment;
using app::ProviderAccess;
using app::ProviderPayment;
using app::ProviderRefund;

Failure other_than_asked(std::string_view what) {
  LOG(error, "provider_answer", {"detail", what});
  return fail(ErrorCode::internal, "provider_answer", "The payment provider's answer makes no sense.",
              std::string(what));
}

Failure unknown_id(const std::string& id) {
  return fail(ErrorCode::not_found, "provider_not_found", "The payment provider does not know this.",
              "the id is " + id);
}

// The coroutines take everything by value: what the caller passed may be gone when they resume.
Task<Result<ProviderPayment>> read_created(Task<Result<std::string>> sending, std::string mode,
                                           NewProviderPayment wanted) {
  CO_TRY(body, co_await std::move(sending));
  CO_TRY(payment, read_payment(body, mode));
  if (payment.amount != wanted.amount) co_return other_than_asked("created with another amount");
  if (payment.attempt != wanted.attempt) co_return other_than_asked("created for another attempt");
  // The same key may be answered long after the payer is done; only a fresh payment must have somewhere to pay.
  if (payment.state == AttemptState::open && payment.checkout_url.empty())
    co_return other_than_asked("created without a checkout address");
  co_return std::move(payment);
}

Task<Result<ProviderPayment>> read_found(Task<Result<std::string>> sending, std::string mode, std::string id) {
  CO_TRY(body, co_await std::move(sending));
  CO_TRY(payment, read_payment(body, mode));
  if (payment.id != id) co_return other_than_asked("another payment than asked for");
  co_return std::move(payment);
}

Task<Result<ProviderRefund>> read_refunded(Task<Result<std::string>> sending, std::string mode,
                                           app::NewProviderRefund wanted) {
  CO_TRY(body, co_await std::move(sending));
  CO_TRY(refund, read_refund(body, mode));
  if (refund.amount != wanted.amount) co_return other_than_asked("refunded another amount");
  if (refund.refund != wanted.refund) co_return other_than_asked("refunded for another reason");
  co_return std::move(refund);
}

Task<Result<ProviderRefund>> read_found_refund(Task<Result<std::string>> sending, std::string mode, std::string id) {
  CO_TRY(body, co_await std::move(sending));
  CO_TRY(refund, read_refund(body, mode));
  if (refund.id != id) co_return other_than_asked("another refund than asked for");
  co_return std::move(refund);
}

Task<Result<std::vector<app::ListedChargeback>>> read_chargeback_list(Task<Result<std::string>> sending) {
  CO_TRY(body, co_await std::move(sending));
  co_return read_chargebacks(body);
}

Task<Result<PaymentMethods>> read_offered(Task<Result<std::string>> sending) {
  CO_TRY(body, co_await std::move(sending));
  co_return read_methods(body);
}

Task<Result<app::ProviderProfile>> read_own_profile(Task<Result<std::string>> sending, std::string mode) {
  CO_TRY(body, co_await std::move(sending));
  co_return read_profile(body, mode);
}

template <class T>
Task<Result<T>> at_once(Failure failure) {
  co_return failure;
}

// "test" or "live", of which every answer has to be; empty when the key does not say.
std::string mode_of(const ProviderAccess& access) {
  if (access.granted) return access.granted->is_test ? "test" : "live";
  const std::string& key = access.credential.reveal();
  return key.starts_with("test_") || key.starts_with("live_") ? key.substr(0, 4) : std::string();
}

std::string payment_path(const std::string& id) { return "/v2/payments/" + id; }

}  // namespace

Task<Result<ProviderPayment>> Provider::create(const ProviderAccess& access, NewProviderPayment payment) {
  Call call{Operation::create, "POST", "/v2/payments", body_by(access, write_payment(payment), Says::profile_and_mode),
            payment.idempotency_key};
  return read_created(client_.send(access, call), mode_of(access), std::move(payment));
}

Task<Result<ProviderPayment>> Provider::find(const ProviderAccess& access, std::string payment_id) {
  if (!is_id(payment_id, "tr_")) return at_once<ProviderPayment>(unknown_id(payment_id));
  std::string target = target_by(access, payment_path(payment_id) + "?embed=chargebacks,refunds", Says::mode);
  Call call{Operation::find, "GET", std::move(target), "", ""};
  return read_found(client_.send(access, call), mode_of(access), std::move(payment_id));
}

Task<Result<ProviderPayment>> Provider::cancel(const ProviderAccess& access, std::string payment_id) {
  if (!is_id(payment_id, "tr_")) return at_once<ProviderPayment>(unknown_id(payment_id));
  Call call{Operation::cancel, "DELETE", payment_path(payment_id), body_by(access, "", Says::mode), ""};
  return read_found(client_.send(access, call), mode_of(access), std::move(payment_id));
}

Task<Result<ProviderRefund>> Provider::refund(const ProviderAccess& access, std::string payment_id,
                                              app::NewProviderRefund refund) {
  if (!is_id(payment_id, "tr_")) return at_once<ProviderRefund>(unknown_id(payment_id));
  Call call{Operation::refund, "POST", payment_path(payment_id) + "/refunds",
            body_by(access, write_refund(refund), Says::mode), refund.idempotency_key};
  return read_refunded(client_.send(access, call), mode_of(access), std::move(refund));
}

Task<Result<ProviderRefund>> Provider::find_refund(const ProviderAccess& access, std::string payment_id,
                                                   std::string refund_id) {
  if (!is_id(payment_id, "tr_") || !is_id(refund_id, "re_"))
    return at_once<ProviderRefund>(unknown_id(payment_id + "/" + refund_id));
  std::string target = target_by(access, payment_path(payment_id) + "/refunds/" + refund_id, Says::mode);
  Call call{Operation::find_refund, "GET", std::move(target), "", ""};
  return read_found_refund(client_.send(access, call), mode_of(access), std::move(refund_id));
}

Task<Result<std::vector<app::ListedChargeback>>> Provider::chargebacks(const ProviderAccess& access) {
  std::string target = target_by(access, "/v2/chargebacks?limit=250", Says::profile_and_mode);
  Call call{Operation::chargebacks, "GET", std::move(target), "", ""};
  return read_chargeback_list(client_.send(access, call));
}

Task<Result<PaymentMethods>> Provider::methods(const ProviderAccess& access, app::MethodsQuestion question) {
  Call call{Operation::methods, "GET", target_by(access, methods_target(question), Says::profile_and_mode), "", ""};
  return read_offered(client_.send(access, call));
}

Task<Result<app::ProviderProfile>> Provider::profile(const ProviderAccess& access) {
  Call call{Operation::profile, "GET", "/v2/profiles/me", "", ""};
  return read_own_profile(client_.send(access, call), mode_of(access));
}

}  // namespace paylink::providers::mollie
