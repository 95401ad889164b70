#include "runtime/password_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>

#include "runtime/run_now.hpp"

namespace paylink::runtime {
namespace {

using crypto::PasswordCheck;

TEST(PasswordPool, HashesAndChecks) {
  PasswordPool pool;
  const auto hash = run_now(pool.hash(Secret("correct horse"), "network"));
  ASSERT_TRUE(hash);
  struct Case {
    const char* password;
    std::string hash;
    PasswordCheck outcome;
  };
  const Case cases[] = {{"correct horse", *hash, PasswordCheck::right},
                        {"correct hors", *hash, PasswordCheck::wrong},
                        {"correct horse", "no hash", PasswordCheck::wrong}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.password);
    const auto checked = run_now(pool.check(Secret(c.password), c.hash, "network"));
    ASSERT_TRUE(checked);
    EXPECT_EQ(*checked, c.outcome);
  }
}

// Counts how many checks were answered, and how many refused.
struct Tally {
  explicit Tally(int expected) : all(expected) {}
  void begin(PasswordPool& pool, const std::string& network = "network") {
    start(
        pool.check(Secret("x"), "no hash", network),
        [this](const Result<PasswordCheck>& checked) {
          if (checked)
            ++answered;
          else if (checked.error().reason == "overloaded" && checked.error().code == ErrorCode::unavailable)
            ++refused;
          all.count_down();
        },
        [this](const std::exception_ptr&) { all.count_down(); });
  }
  std::atomic<int> answered{0}, refused{0};
  std::latch all;
};

// A pool of one thread, which is busy until it is let go: what goes on after a job goes on there.
struct BusyPool {
  explicit BusyPool(std::size_t queue_max = 2) : pool(1, queue_max, 2) {
    start(
        pool.check(Secret("x"), "no hash", "network"),
        [this](const Result<PasswordCheck>&) {
          is_busy.count_down();
          go_on.wait();
        },
        [](const std::exception_ptr&) { FAIL(); });
    is_busy.wait();
  }
  std::latch is_busy{1}, go_on{1};
  PasswordPool pool;
};

TEST(PasswordPool, RefusesAtOnceWhatDoesNotFit) {
  BusyPool busy;
  Tally tally(3);
  for (int i = 0; i < 3; ++i) tally.begin(busy.pool);
  EXPECT_EQ(tally.refused, 1);
  EXPECT_EQ(tally.answered, 0);
  busy.go_on.count_down();
  tally.all.wait();
  EXPECT_EQ(tally.refused, 1);
  EXPECT_EQ(tally.answered, 2);
}

TEST(PasswordPool, ANetworkHasFewOfThePlaces) {
  BusyPool busy(4);
  Tally many(10), others(3);
  for (int i = 0; i < 10; ++i) many.begin(busy.pool);
  EXPECT_EQ(many.refused, 8) << "of the network whose check is under way two may wait";
  for (const char* network : {"another", "a third", "a fourth"}) others.begin(busy.pool, network);
  EXPECT_EQ(others.refused, 1) << "and there are four places in all";
  busy.go_on.count_down();
  many.all.wait();
  others.all.wait();
  EXPECT_EQ(many.answered, 2);
  EXPECT_EQ(others.answered, 2);
  Tally again(1);
  again.begin(busy.pool);
  again.all.wait();
  EXPECT_EQ(again.answered, 1) << "the places are free again";
}

TEST(PasswordPool, RefusesWhatWaitsWhenItEnds) {
  BusyPool busy;
  Tally tally(3);
  for (int i = 0; i < 2; ++i) tally.begin(busy.pool);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the pool is ending by then
    busy.go_on.count_down();
  });
  busy.pool.stop();
  later.join();
  tally.begin(busy.pool);
  tally.all.wait();
  EXPECT_EQ(tally.refused, 3);
  EXPECT_EQ(tally.answered, 0);
}

TEST(PasswordPool, ServesManyThreads) {
  constexpr int threads = 4, each = 50;
  PasswordPool pool(2, 10);
  Tally tally(threads * each);
  std::vector<std::thread> askers;
  for (int i = 0; i < threads; ++i)
    askers.emplace_back([&] {
      for (int k = 0; k < each; ++k) tally.begin(pool);
    });
  for (std::thread& asker : askers) asker.join();
  tally.all.wait();
  EXPECT_EQ(tally.answered + tally.refused, threads * each);
  EXPECT_GT(tally.answered, 0);
}

}  // namespace
}  // namespace paylink::runtime
