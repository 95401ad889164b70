#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "app/lane.hpp"
#include "app/payment_provider.hpp"
#include "app/provider_connect.hpp"

// Where a process can die within a flow: at its two ways out, to the database and to the provider.
namespace paylink::crash {

// The points of one process, in the order in which it passes them.
class Points {
 public:
  // Ends the process, as SIGKILL would, at the point of that number, counted from 1; 0: at none.
  explicit Points(int fatal) : fatal_(fatal) {}

  void pass(const std::string& name);  // "before the commit of write 2", "after refund"
  int next_write();
  std::vector<std::string> passed();

 private:
  const int fatal_;
  std::mutex mutex_;
  std::vector<std::string> passed_;
  int writes_ = 0;
};

// Passes a point before and after the commit of each write.
class CrashingLane final : public app::Lane {
 public:
  CrashingLane(app::Lane& lane, Points& points) : lane_(lane), points_(points) {}

  void submit_write(app::Work& work) noexcept override;
  void submit_read(app::Work& work) noexcept override { lane_.submit_read(work); }
  void submit_slow_read(app::Work& work) noexcept override { lane_.submit_slow_read(work); }

 private:
  app::Lane& lane_;
  Points& points_;
};

// Passes a point before and after each call: after it the provider has done it, and nobody has heard.
class CrashingProvider final : public app::PaymentProvider {
 public:
  CrashingProvider(app::PaymentProvider& provider, Points& points) : provider_(provider), points_(points) {}

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

 private:
  app::PaymentProvider& provider_;
  Points& points_;
};

// The same, of the calls by which merchants authorize us.
class CrashingConnect final : public app::ProviderConnect {
 public:
  CrashingConnect(app::ProviderConnect& connect, Points& points) : connect_(connect), points_(points) {}

  std::string_view client_id() const override { return connect_.client_id(); }
  std::string authorize_url(std::string_view state) const override { return connect_.authorize_url(state); }
  Task<Result<app::ProviderTokens>> exchange(Secret code) override;
  Task<Result<app::ProviderTokens>> refresh(Secret refresh_token) override;
  Task<Result<>> revoke(Secret refresh_token) override;
  Task<Result<app::ProviderAccount>> account(Secret access_token) override;

 private:
  app::ProviderConnect& connect_;
  Points& points_;
};

}  // namespace paylink::crash
