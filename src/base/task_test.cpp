#include "base/task.hpp"

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <string>

#include "base/ensure.hpp"
#include "base/result.hpp"

namespace paylink {
namespace {

Result<int> parse(const std::string& text) {
  if (text.empty()) return fail(ErrorCode::invalid_input, "empty", "Nothing there.", "for the log");
  return static_cast<int>(text.size());
}

Result<int> add(const std::string& left, const std::string& right) {
  const int sum = TRY(parse(left)) + 0;
  return sum + TRY(parse(right));
}

Result<std::unique_ptr<int>> box(const std::string& text) {
  auto size = TRY(parse(text));
  return std::make_unique<int>(size);
}

TEST(Result, TryUnwrapsOrReturns) {
  EXPECT_EQ(*add("ab", "c"), 3);
  for (const auto& [left, right] : {std::pair("", "c"), std::pair("ab", "")}) {
    const auto failed = add(left, right);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().reason, "empty");
    EXPECT_EQ(failed.error().detail, "for the log");
  }
  EXPECT_EQ(**box("abc"), 3);  // what can only be moved comes through
}

// Resumed by the test: a wait that ends elsewhere.
struct Gate {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  void await_resume() const noexcept {}
  void open() { std::exchange(waiting_, nullptr).resume(); }
  std::coroutine_handle<> waiting_;
};

struct Alive {
  explicit Alive(int& counter) : count(&counter) { ++*count; }
  Alive(const Alive& other) : count(other.count) { ++*count; }
  ~Alive() { --*count; }
  Alive& operator=(const Alive&) = delete;
  int* count;
};

Task<int> waits(Gate& gate, Alive alive) {
  co_await gate;
  co_return *alive.count;
}

Task<Result<int>> twice(Gate& gate, Alive alive, std::string text) {
  auto first = co_await waits(gate, alive);
  EXPECT_GT(first, 0);
  CO_TRY(size, parse(text));
  co_return size * 2;
}

TEST(Task, GoesOnWhereItIsResumedAndFreesItsFrame) {
  Gate gate;
  int alive = 0;
  std::optional<Result<int>> outcome;
  start(
      twice(gate, Alive(alive), "abc"), [&](Result<int> value) { outcome.emplace(std::move(value)); },
      [](const std::exception_ptr&) { FAIL(); });
  EXPECT_FALSE(outcome.has_value());
  EXPECT_GT(alive, 0);
  gate.open();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(**outcome, 6);
  EXPECT_EQ(alive, 0);
}

TEST(Task, ReturnsAFailure) {
  Gate gate;
  int alive = 0;
  std::string reason;
  start(
      twice(gate, Alive(alive), ""), [&](const Result<int>& value) { reason = value.error().reason; },
      [](const std::exception_ptr&) { FAIL(); });
  gate.open();
  EXPECT_EQ(reason, "empty");
  EXPECT_EQ(alive, 0);
}

Task<int> broken(Gate& gate) {
  co_await gate;
  ENSURE(1 + 1 == 3);
  co_return 1;
}

TEST(Task, HandsOnWhatWasThrown) {
  Gate gate;
  std::string what;
  start(
      broken(gate), [](int) { FAIL(); },
      [&](const std::exception_ptr& thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const BrokenInvariant& bug) {
          what = bug.what();
        }
      });
  gate.open();
  EXPECT_NE(what.find("1 + 1 == 3"), std::string::npos);
}

TEST(Task, NeverStartedLeavesNothing) {
  Gate gate;
  int alive = 0;
  {
    const auto task = waits(gate, Alive(alive));
    EXPECT_GT(alive, 0);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace paylink
