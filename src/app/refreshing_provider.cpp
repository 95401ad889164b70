#include "app/refreshing_provider.hpp"

#include "base/log.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view key_refused = "provider_refuses_key";

void tell_refused_for_good(const GrantedAccess& granted, const Error& error) {
  LOG(error, "provider_refuses_key", {"organization", granted.organization.text()}, {"detail", error.detail});
}

// Takes everything by value: what the caller passed may be gone when it resumes.
template <class T, class Ask>
Task<Result<T>> ask_twice(TokenRenewal& renewal, ProviderAccess access, Ask ask) {
  if (access.granted && access.credential.reveal().empty())
    co_return fail(ErrorCode::unavailable, "provider_refuses_key", "The merchant's authorization has ended.");
  auto first = co_await ask(access);
  if (first || !access.granted || first.error().reason != key_refused) co_return first;
  auto renewed = co_await renewal.renew(*access.granted);
  // Why it was refused is what whoever asked wants to know, unless it may just be tried again.
  if (!renewed && renewed.error().reason == key_refused) {
    tell_refused_for_good(*access.granted, first.error());
    co_return first;
  }
  if (!renewed) co_return std::move(renewed).failure();
  auto second = co_await ask(*renewed);
  if (!second && second.error().reason == key_refused) tell_refused_for_good(*access.granted, second.error());
  co_return second;
}

}  // namespace

Task<Result<ProviderPayment>> RefreshingProvider::create(const ProviderAccess& access, NewProviderPayment payment) {
  return ask_twice<ProviderPayment>(renewal_, access, [&provider = provider_, payment](const ProviderAccess& by) {
    return provider.create(by, payment);
  });
}

Task<Result<ProviderPayment>> RefreshingProvider::find(const ProviderAccess& access, std::string payment_id) {
  return ask_twice<ProviderPayment>(renewal_, access, [&provider = provider_, payment_id](const ProviderAccess& by) {
    return provider.find(by, payment_id);
  });
}

Task<Result<ProviderPayment>> RefreshingProvider::cancel(const ProviderAccess& access, std::string payment_id) {
  return ask_twice<ProviderPayment>(renewal_, access, [&provider = provider_, payment_id](const ProviderAccess& by) {
    return provider.cancel(by, payment_id);
  });
}

Task<Result<ProviderRefund>> RefreshingProvider::refund(const ProviderAccess& access, std::string payment_id,
                                                        NewProviderRefund refund) {
  return ask_twice<ProviderRefund>(renewal_, access,
                                   [&provider = provider_, payment_id, refund](const ProviderAccess& by) {
                                     return provider.refund(by, payment_id, refund);
                                   });
}

Task<Result<ProviderRefund>> RefreshingProvider::find_refund(const ProviderAccess& access, std::string payment_id,
                                                             std::string refund_id) {
  return ask_twice<ProviderRefund>(renewal_, access,
                                   [&provider = provider_, payment_id, refund_id](const ProviderAccess& by) {
                                     return provider.find_refund(by, payment_id, refund_id);
                                   });
}

Task<Result<std::vector<ListedChargeback>>> RefreshingProvider::chargebacks(const ProviderAccess& access) {
  return ask_twice<std::vector<ListedChargeback>>(
      renewal_, access, [&provider = provider_](const ProviderAccess& by) { return provider.chargebacks(by); });
}

Task<Result<PaymentMethods>> RefreshingProvider::methods(const ProviderAccess& access, MethodsQuestion question) {
  return ask_twice<PaymentMethods>(renewal_, access, [&provider = provider_, question](const ProviderAccess& by) {
    return provider.methods(by, question);
  });
}

Task<Result<ProviderProfile>> RefreshingProvider::profile(const ProviderAccess& access) {
  return ask_twice<ProviderProfile>(renewal_, access,
                                    [&provider = provider_](const ProviderAccess& by) { return provider.profile(by); });
}

}  // namespace paylink::app
