#pragma once

#include <coroutine>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "app/testing.hpp"

// One of those who act on a link at the same time, cut into steps: before each transaction and each call to the
// provider he waits for his turn.
namespace paylink::interleavings {

// The same bytes in every run.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : generator_(seed) {}
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(generator_());
    used_ += bytes.size();
  }
  std::size_t used() const { return used_; }

 private:
  std::mt19937_64 generator_;
  std::size_t used_ = 0;
};

class Actor {
 public:
  explicit Actor(std::uint64_t seed) : random(seed) {}
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  using Condition = std::function<bool()>;

  void wait(std::function<void()> step, Condition condition = {}) {
    step_ = std::move(step);
    condition_ = std::move(condition);
  }
  bool may_go() const { return step_ && (!condition_ || condition_()); }
  bool is_done() const { return !step_; }
  // One step: up to where he waits again, or ends.
  void go() { std::exchange(step_, {})(); }

  // `co_await me.turn()`: what follows is a step of its own, and comes only when the condition holds.
  auto turn(Condition condition = {}) {
    struct Turn {
      Actor& actor;
      Condition condition;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) {
        actor.wait([waiting] { waiting.resume(); }, std::move(condition));
      }
      void await_resume() const noexcept {}
    };
    return Turn{*this, std::move(condition)};
  }

  // What he does next depends on what he has heard, and on nothing else.
  void hear(std::string_view word);
  // Of what he has heard until now this is all that still matters to him.
  void keep_in_mind(std::string_view word);
  // All that his next steps depend on, besides what they will hear.
  std::string mind() const;

  SeededRandom random;

 private:
  std::function<void()> step_;
  Condition condition_;
  std::string heard_;  // a digest of all
};

// How a lane may be broken for the control.
enum class Breakage : std::uint8_t { none, check_then_write };

class ActorLane final : public app::Lane {
 public:
  ActorLane(Actor& actor, store::testing::Database& database, Breakage breakage)
      : actor_(actor), database_(database), breakage_(breakage) {}

  void submit_write(app::Work& work) noexcept override;
  void submit_read(app::Work& work) noexcept override;

 private:
  struct Write {
    std::string_view statement;
    std::vector<sql::Value> values;
  };
  class Ears;

  Result<> run(app::Work& work, bool keep);
  Result<> repeat_writes(const sql::Tenant& tenant);

  Actor& actor_;
  store::testing::Database& database_;
  const Breakage breakage_;
  std::vector<Write> writes_;      // of the last work, where the lane is broken
  std::deque<std::string> texts_;  // that they refer to
};

class ActorProvider final : public app::PaymentProvider {
 public:
  ActorProvider(Actor& actor, app::PaymentProvider& provider) : actor_(actor), provider_(provider) {}

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
  // `call` is made when the turn comes.
  template <class Call>
  std::invoke_result_t<Call&> in_turn(Call call);

  Actor& actor_;
  app::PaymentProvider& provider_;
};

// What distinguishes a word of the provider's from another one.
std::string text_of(const app::ProviderPayment& word);
std::string text_of(const app::ProviderRefund& word);

// All that is in the rows.
std::string text_of(const sql::Rows& rows);

}  // namespace paylink::interleavings
