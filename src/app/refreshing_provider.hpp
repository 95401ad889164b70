#pragma once

#include "app/payment_provider.hpp"
#include "app/token_renewal.hpp"

namespace paylink::app {

// A provider that is asked once more, with a new token, when it does not accept an old one any more. What is refused
// for that reason has not happened, and is sent with the same key again. API keys are passed on as they are.
class RefreshingProvider final : public PaymentProvider {
 public:
  RefreshingProvider(PaymentProvider& provider, TokenRenewal& renewal) : provider_(provider), renewal_(renewal) {}

  Task<Result<ProviderPayment>> create(const ProviderAccess& access, NewProviderPayment payment) override;
  Task<Result<ProviderPayment>> find(const ProviderAccess& access, std::string payment_id) override;
  Task<Result<ProviderPayment>> cancel(const ProviderAccess& access, std::string payment_id) override;
  Task<Result<ProviderRefund>> refund(const ProviderAccess& access, std::string payment_id,
                                      NewProviderRefund refund) override;
  Task<Result<ProviderRefund>> find_refund(const ProviderAccess& access, std::string payment_id,
                                           std::string refund_id) override;
  Task<Result<std::vector<ListedChargeback>>> chargebacks(const ProviderAccess& access) override;
  Task<Result<PaymentMethods>> methods(const ProviderAccess& access, MethodsQuestion question) override;
  Task<Result<ProviderProfile>> profile(const ProviderAccess& access) override;

 private:
  PaymentProvider& provider_;
  TokenRenewal& renewal_;
};

}  // namespace paylink::app
