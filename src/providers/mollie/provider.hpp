#pragma once

#include <string>

#include "app/payment_provider.hpp"
#include "providers/mollie/client.hpp"

namespace paylink::providers::mollie {

inline constexpr std::string_view public_base_url = "https://api.mollie.com";

// Mollie's payments API, version 2. Failures as app::PaymentProvider says; an answer about something else than what was
// asked (another id, amount, attempt or mode) is `internal` too. May be used from any thread; resumes on `http`'s.
class Provider final : public app::PaymentProvider {
 public:
  // Only the base address (and the key or token) tells the real provider from the simulator.
  Provider(http::Client& http, std::string base_url, const Clock& clock, Random& random, const Patience& patience = {})
      : client_(http, std::move(base_url), clock, random, patience) {}

  Task<Result<app::ProviderPayment>> create(const app::ProviderAccess& access,
                                            app::NewProviderPayment payment) override;
  Task<Result<app::ProviderPayment>> find(const app::ProviderAccess& access, std::string payment_id) override;
  Task<Result<app::ProviderPayment>> cancel(const app::ProviderAccess& access, std::string payment_id) override;
  Task<Result<app::ProviderRefund>> refund(const app::ProviderAccess& access, std::string payment_id,
                                           app::NewProviderRefund refund) override;
  Task<Result<app::ProviderRefund>> find_refund(const app::ProviderAccess& access, std::string payment_id,
                                                std::string refund_id) override;
  Task<Result<std::vector<app::ListedChargeback>>> chargebacks(const app::ProviderAccess& access) override;
  Task<Result<PaymentMethods>> methods(const app::ProviderAccess& access, app::MethodsQuestion question) override;
  Task<Result<app::ProviderProfile>> profile(const app::ProviderAccess& access) override;

  // The way to the provider, which all that calls it has in common, as what is known of its health.
  Client& client() { return client_; }

 private:
  Client client_;
};

}  // namespace paylink::providers::mollie
