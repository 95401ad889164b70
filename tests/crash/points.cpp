#include "points.hpp"

#include <unistd.h>

#include <memory>

namespace paylink::crash {
namespace {

// One write, and the point after it. Ends with it.
class PassingWork final : public app::Work {
 public:
  PassingWork(app::Work& work, Points& points, std::string name)
      : work_(work), points_(points), name_(std::move(name)) {}

  sql::Tenant tenant() const override { return work_.tenant(); }
  Result<> run(sql::Transaction& tx) override { return work_.run(tx); }
  void done(Result<> outcome) noexcept override {
    if (outcome) points_.pass("after the commit of " + name_);
    app::Work& work = work_;
    const std::unique_ptr<PassingWork> itself(this);
    work.done(std::move(outcome));
  }

 private:
  app::Work& work_;
  Points& points_;
  const std::string name_;
};

template <class T>
Task<Result<T>> around(Points& points, std::string name, Task<Result<T>> call) {
  points.pass("before " + name);
  auto answer = co_await std::move(call);
  points.pass("after " + name);
  co_return answer;
}

}  // namespace

void Points::pass(const std::string& name) {
  const std::lock_guard lock(mutex_);
  passed_.push_back(name);
  if (static_cast<int>(passed_.size()) == fatal_) ::_exit(137);
}

int Points::next_write() {
  const std::lock_guard lock(mutex_);
  return ++writes_;
}

std::vector<std::string> Points::passed() {
  const std::lock_guard lock(mutex_);
  return passed_;
}

void CrashingLane::submit_write(app::Work& work) noexcept {
  const std::string name = "write " + std::to_string(points_.next_write());
  points_.pass("before the commit of " + name);
  // It is its own owner until it is done.
  lane_.submit_write(*std::make_unique<PassingWork>(work, points_, name).release());
}

Task<Result<app::ProviderPayment>> CrashingProvider::create(const app::ProviderAccess& access,
                                                            app::NewProviderPayment payment) {
  return around(points_, "create", provider_.create(access, std::move(payment)));
}

Task<Result<app::ProviderPayment>> CrashingProvider::find(const app::ProviderAccess& access, std::string payment_id) {
  return around(points_, "find", provider_.find(access, std::move(payment_id)));
}

Task<Result<app::ProviderPayment>> CrashingProvider::cancel(const app::ProviderAccess& access, std::string payment_id) {
  return around(points_, "cancel", provider_.cancel(access, std::move(payment_id)));
}

Task<Result<app::ProviderRefund>> CrashingProvider::refund(const app::ProviderAccess& access, std::string payment_id,
                                                           app::NewProviderRefund refund) {
  return around(points_, "refund", provider_.refund(access, std::move(payment_id), std::move(refund)));
}

Task<Result<app::ProviderRefund>> CrashingProvider::find_refund(const app::ProviderAccess& access,
                                                                std::string payment_id, std::string refund_id) {
  return around(points_, "find_refund", provider_.find_refund(access, std::move(payment_id), std::move(refund_id)));
}

Task<Result<std::vector<app::ListedChargeback>>> CrashingProvider::chargebacks(const app::ProviderAccess& access) {
  return around(points_, "chargebacks", provider_.chargebacks(access));
}

Task<Result<PaymentMethods>> CrashingProvider::methods(const app::ProviderAccess& access,
                                                       app::MethodsQuestion question) {
  return around(points_, "methods", provider_.methods(access, std::move(question)));
}

Task<Result<app::ProviderProfile>> CrashingProvider::profile(const app::ProviderAccess& access) {
  return around(points_, "profile", provider_.profile(access));
}

Task<Result<app::ProviderTokens>> CrashingConnect::exchange(Secret code) {
  return around(points_, "exchange", connect_.exchange(std::move(code)));
}

Task<Result<app::ProviderTokens>> CrashingConnect::refresh(Secret refresh_token) {
  return around(points_, "refresh", connect_.refresh(std::move(refresh_token)));
}

Task<Result<>> CrashingConnect::revoke(Secret refresh_token) {
  return around(points_, "revoke", connect_.revoke(std::move(refresh_token)));
}

Task<Result<app::ProviderAccount>> CrashingConnect::account(Secret access_token) {
  return around(points_, "account", connect_.account(std::move(access_token)));
}

}  // namespace paylink::crash
