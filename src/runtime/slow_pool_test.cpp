#include "runtime/slow_pool.hpp"

#include <gtest/gtest.h>

#include <latch>

namespace paylink::runtime {
namespace {

// Work that is one letter in a protocol of what was run and what was refused.
class Letter final : public app::Work {
 public:
  Letter(std::string& protocol, char name) : protocol_(protocol), name_(name) {}

  sql::Tenant tenant() const override { return sql::Tenant::nobody(); }
  Result<> run(sql::Transaction&) override { return {}; }
  void done(Result<> outcome) noexcept override {
    protocol_ += name_;
    if (!outcome) protocol_ += "(" + outcome.error().reason + ")";
  }

 private:
  std::string& protocol_;
  const char name_;
};

// A pool of one thread, whose first work keeps it busy until it is let go.
struct Fixture {
  Fixture() {
    pool->submit(first);
    is_busy.wait();
  }
  std::string protocol;
  Letter first{protocol, '1'}, second{protocol, '2'}, third{protocol, '3'}, fourth{protocol, '4'};
  std::latch is_busy{1}, go_on{1}, has_run_three{3};
  std::optional<SlowPool> pool{std::in_place, 1, 2, [this](app::Work& work) {
                                 if (&work == &first) {
                                   is_busy.count_down();
                                   go_on.wait();
                                 }
                                 work.done({});
                                 has_run_three.count_down();
                               }};
};

TEST(SlowPool, RunsWhatComesInOrder) {
  Fixture fixture;
  fixture.pool->submit(fixture.second);
  fixture.pool->submit(fixture.third);
  EXPECT_EQ(fixture.protocol, "");
  fixture.go_on.count_down();
  fixture.has_run_three.wait();
  EXPECT_EQ(fixture.protocol, "123");
}

TEST(SlowPool, RefusesAtOnceWhatDoesNotFit) {
  Fixture fixture;
  fixture.pool->submit(fixture.second);
  fixture.pool->submit(fixture.third);
  fixture.pool->submit(fixture.fourth);
  EXPECT_EQ(fixture.protocol, "4(overloaded)");
  fixture.go_on.count_down();
  fixture.has_run_three.wait();
  EXPECT_EQ(fixture.protocol, "4(overloaded)123");
}

TEST(SlowPool, RefusesWhatWaitsWhenItEnds) {
  Fixture fixture;
  fixture.pool->submit(fixture.second);
  fixture.pool->submit(fixture.third);
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the pool is ending by then
    fixture.go_on.count_down();
  });
  fixture.pool.reset();
  later.join();
  EXPECT_EQ(fixture.protocol, "12(overloaded)3(overloaded)");
}

TEST(SlowPool, RunsSeveralAtOnce) {
  std::string ignored;
  Letter first{ignored, '1'}, second{ignored, '2'};
  std::latch both(2), done(2);
  SlowPool pool(2, 2, [&](app::Work&) {
    both.arrive_and_wait();
    done.count_down();
  });
  pool.submit(first);
  pool.submit(second);
  done.wait();
}

}  // namespace
}  // namespace paylink::runtime
