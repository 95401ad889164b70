#include "runtime/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2'000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
  return condition();
}

Task<Result<int>> found(int rows) { co_return rows; }
Task<Result<int>> failed() { co_return fail(ErrorCode::unavailable, "down", ""); }
Task<Result<int>> thrown() {
  throw std::runtime_error("a bug");
  co_return 0;
}

TEST(Workers, LookAgainAtOnceWhileThereIsMore) {
  std::atomic<int> looks{0};
  const Workers workers({{"many", 1h, 10, [&](int chunk) { return found(++looks < 5 ? chunk : chunk - 1); }}});
  EXPECT_TRUE(eventually([&] { return looks == 5; }));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(looks, 5);  // less than a chunk: that was all
}

// A look that waits for somebody else, as those do that ask a provider.
Task<Result<int>> waited_for(std::atomic<int>& under_way, std::atomic<int>& most, int rows) {
  struct Away {
    std::atomic<int>& under_way;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> look) const {
      std::thread([look] {
        std::this_thread::sleep_for(50ms);
        look.resume();
      }).detach();
    }
    void await_resume() const noexcept { --under_way; }
  };
  most = std::max(most.load(), ++under_way);
  co_await Away{under_way};
  co_return rows;
}

TEST(Workers, ShareWhatIsDueOnceThereIsMore) {
  std::atomic<int> looks{0}, under_way{0}, most_at_first{0}, most{0};
  const Workers workers({{"waiting", 1h, 10,
                          [&](int chunk) {
                            const int look = ++looks;
                            return waited_for(under_way, look == 1 ? most_at_first : most, look < 20 ? chunk : 0);
                          },
                          4}});
  EXPECT_TRUE(eventually([&] { return looks >= 23 && under_way == 0; }));
  EXPECT_LE(looks, 27);  // each of the four sees for himself that there is nothing more
  EXPECT_EQ(most_at_first, 1);
  EXPECT_EQ(most, 4);
}

// The one that waits keeps nobody from what becomes due meanwhile.
TEST(Workers, DoNotWaitForOneAnother) {
  std::atomic<int> looks{0}, under_way{0}, most{0};
  const Workers workers({{"waiting", 5ms, 10,
                          [&](int chunk) {
                            ++looks;
                            return waited_for(under_way, most, chunk - 1);
                          },
                          4}});
  EXPECT_TRUE(eventually([&] { return looks > 12; }));
  EXPECT_EQ(most, 4);
}

TEST(Workers, RestInProportionButNeverLong) {
  const struct {
    const char* name;
    std::chrono::nanoseconds look, rest;
  } cases[] = {
      {"nothing to rest from", 0ns, 0ns},
      {"a fortieth of the time", 1ms, 39ms},
      {"the longest rest that is in proportion", 2ms, 78ms},
      {"a slow disk", 3ms, 100ms},
      {"a very slow one", 10s, 100ms},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(rest_after(each.look), each.rest);
  }
  EXPECT_EQ(rest_after(1ms, 59min), 39ms);
  EXPECT_EQ(rest_after(1ms, 1h), 3'900us);
}

enum class Others : std::uint8_t { away, there };

// Looks of two milliseconds, all of which find more until there have been so many.
struct PoliteLooks {
  struct Look {
    std::chrono::steady_clock::time_point begun, ended;
  };

  PoliteLooks(int most, Others others) {
    const auto look = [this, most](int chunk) -> Task<Result<int>> {
      const auto begun = std::chrono::steady_clock::now();
      std::this_thread::sleep_for(2ms);
      const std::lock_guard lock(mutex);
      looks.push_back({begun, std::chrono::steady_clock::now()});
      co_return static_cast<int>(looks.size()) < most ? chunk : 0;
    };
    const Workers workers({{"polite", 1h, 10, look, 1, true}}, [others] { return others == Others::there; });
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      return static_cast<int>(looks.size()) == most;
    }));
  }
  // How many looks came as soon after the one before as `rest_after` forbids.
  int at_once() const {
    int count = 0;
    for (std::size_t i = 1; i < looks.size(); ++i)
      count += looks[i].begun - looks[i - 1].ended < rest_after(looks[i - 1].ended - looks[i - 1].begun);
    return count;
  }

  std::mutex mutex;
  std::vector<Look> looks;
};

TEST(Workers, GiveWayToOthers) { EXPECT_EQ(PoliteLooks(5, Others::there).at_once(), 0); }

TEST(Workers, GoOnAtOnceWhileNobodyElseIsThere) {
  EXPECT_GT(PoliteLooks(20, Others::away).at_once(), 10);  // a busy machine may hold up some of them
}

TEST(Workers, SurviveFailuresAndBugs) {
  std::atomic<int> looks{0};
  const Workers workers({{"broken", 1ms, 10, [&](int) { return ++looks % 2 == 0 ? failed() : thrown(); }}});
  EXPECT_TRUE(eventually([&] { return looks > 5; }));
}

TEST(Workers, EndAtOnceBetweenLooks) {
  const auto before = std::chrono::steady_clock::now();
  {
    const Workers workers({{"idle", 1h, 10, [](int) { return found(0); }}});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

}  // namespace
}  // namespace paylink::runtime
