#include "base/shared_answers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/testing.hpp"

namespace paylink {
namespace {

using namespace std::chrono_literals;

// Answers when it is told to.
class Oracle {
 public:
  struct Waiter {
    Oracle& oracle;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const {
      const std::lock_guard lock(oracle.mutex_);
      oracle.asking_.push_back(handle);
    }
    void await_resume() const noexcept {}
  };
  Task<Result<int>> ask() {
    ++asked;
    Waiter waiter{*this};
    co_await waiter;
    if (throws) throw std::runtime_error("a bug");
    if (fails) co_return fail(ErrorCode::unavailable, "silent", {});
    co_return asked.load();
  }
  void speak() {
    std::vector<std::coroutine_handle<>> asking;
    {
      const std::lock_guard lock(mutex_);
      asking.swap(asking_);
    }
    for (const auto handle : asking) handle.resume();
  }

  std::atomic<int> asked = 0;
  std::atomic<bool> fails = false, throws = false;

 private:
  std::mutex mutex_;
  std::vector<std::coroutine_handle<>> asking_;
};

class SharedAnswersTest : public ::testing::Test {
 protected:
  void ask(const std::string& question) {
    start(
        answers.answer(question, [this] { return oracle.ask(); }),
        [this](Result<int> answer) { heard.push_back(answer ? std::to_string(*answer) : answer.error().reason); },
        [this](std::exception_ptr) { heard.push_back("thrown"); });
  }
  using Heard = std::vector<std::string>;

  ManualClock clock;
  SharedAnswers<int> answers{clock, 60s, 2};
  Oracle oracle;
  Heard heard;
};

TEST_F(SharedAnswersTest, ForgetsWhatItHeardBeforeTheClockWasSetBack) {
  clock.advance(72h);
  ask("a");
  oracle.speak();
  ask("a");
  EXPECT_EQ(heard, (Heard{"1", "1"}));
  clock.advance(-72h);
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard, (Heard{"1", "1", "2"}));
}

TEST_F(SharedAnswersTest, AsksOnceForAllWhoWait) {
  ask("a");
  ask("a");
  ask("a");
  EXPECT_EQ(oracle.asked, 1);
  EXPECT_TRUE(heard.empty());
  oracle.speak();
  EXPECT_EQ(heard, (Heard{"1", "1", "1"}));
}

TEST_F(SharedAnswersTest, RemembersForItsLifetime) {
  ask("a");
  oracle.speak();
  clock.advance(60s - 1us);
  ask("a");
  EXPECT_EQ(heard, (Heard{"1", "1"}));
  clock.advance(1us);
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard, (Heard{"1", "1", "2"}));
}

TEST_F(SharedAnswersTest, TellsQuestionsApart) {
  ask("a");
  ask("b");
  oracle.speak();
  EXPECT_EQ(oracle.asked, 2);
}

TEST_F(SharedAnswersTest, DoesNotRememberAFailure) {
  oracle.fails = true;
  ask("a");
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard, (Heard{"silent", "silent"}));
  oracle.fails = false;
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard.back(), "2");
}

TEST_F(SharedAnswersTest, LetsNobodyWaitAfterABug) {
  oracle.throws = true;
  ask("a");
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard.size(), 2U);
  EXPECT_EQ(std::ranges::count(heard, "bug") + std::ranges::count(heard, "thrown"), 2);
  oracle.throws = false;
  ask("a");
  oracle.speak();
  EXPECT_EQ(heard.back(), "2");
}

TEST_F(SharedAnswersTest, ForgetsWhatIsTooMuch) {
  for (const std::string question : {"a", "b", "c"}) {
    ask(question);
    oracle.speak();
  }
  ask("c");
  EXPECT_EQ(heard.back(), "3");
  ask("a");
  oracle.speak();
  EXPECT_EQ(oracle.asked, 4);
}

TEST(SharedAnswers, AreSafeFromManyThreads) {
  SystemClock clock;
  SharedAnswers<int> answers(clock, 50us, 8);
  Oracle oracle;
  std::atomic<int> heard = 0;
  std::atomic<bool> done = false;
  std::thread speaker([&] {
    while (!done) oracle.speak();
    oracle.speak();
  });
  std::vector<std::thread> askers;
  for (int t = 0; t < 4; ++t)
    askers.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i)
        start(
            answers.answer(std::to_string((t + i) % 3), [&] { return oracle.ask(); }),
            [&](Result<int> answer) { heard += answer ? 1 : 0; }, [](std::exception_ptr) {});
    });
  for (auto& asker : askers) asker.join();
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (heard < 2'000 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  done = true;
  speaker.join();
  EXPECT_EQ(heard, 2'000);
  EXPECT_LT(oracle.asked, 2'000);
}

}  // namespace
}  // namespace paylink
