#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "app/lane.hpp"

// What the tests of the lanes share.
namespace paylink::runtime::testing {

constexpr std::chrono::seconds patience{20};

// Work whose outcome can be waited for.
class TestWork final : public app::Work {
 public:
  using Step = std::function<Result<>(sql::Transaction&)>;
  explicit TestWork(Step step, const sql::Tenant& tenant = sql::Tenant::nobody())
      : step_(std::move(step)), tenant_(tenant) {}

  sql::Tenant tenant() const override { return tenant_; }
  Result<> run(sql::Transaction& tx) override {
    ++runs;
    return step_(tx);
  }
  void done(Result<> outcome) noexcept override {
    if (when_done) when_done();
    outcome_.set_value(std::move(outcome));
  }
  // Absent: not answered in `time`.
  std::optional<Result<>> wait(std::chrono::milliseconds time = patience) {
    if (future_.wait_for(time) != std::future_status::ready) return std::nullopt;
    return future_.get();
  }
  bool is_answered() const { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  // "": it went well.
  std::string reason() {
    auto outcome = wait();
    if (!outcome) return "not answered";
    return *outcome ? "" : outcome->error().reason;
  }

  std::atomic<int> runs{0};
  std::function<void()> when_done;

 private:
  Step step_;
  sql::Tenant tenant_;
  std::promise<Result<>> outcome_;
  std::future<Result<>> future_ = outcome_.get_future();
};

}  // namespace paylink::runtime::testing
