#include "providers/mollie/breaker.hpp"

#include <gtest/gtest.h>

#include "base/testing.hpp"

namespace paylink::providers::mollie {
namespace {

using namespace std::chrono_literals;
using enum Breaker::Sign;

class MollieBreaker : public ::testing::Test {
 protected:
  // Whether it let the call through.
  bool call(Breaker::Sign sign) {
    if (!breaker.admits(clock.now())) return false;
    breaker.note(sign, clock.now());
    return true;
  }
  void open() {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(call(dead));
    EXPECT_FALSE(call(alive)) << "it is open";
  }

  ManualClock clock;
  Breaker breaker{"https://api.example.com", {.failures = 3, .pause = 1000ms}};
};

TEST_F(MollieBreaker, OpensAfterFailuresInARow) {
  EXPECT_TRUE(call(dead));
  EXPECT_TRUE(call(dead));
  EXPECT_TRUE(call(alive));
  EXPECT_TRUE(call(dead));
  EXPECT_TRUE(call(none)) << "says nothing either way";
  EXPECT_TRUE(call(dead));
  EXPECT_TRUE(call(dead));
  EXPECT_FALSE(call(alive));
}

TEST_F(MollieBreaker, LetsOneCallTryAfterAPause) {
  open();
  clock.advance(999ms);
  EXPECT_FALSE(breaker.admits(clock.now()));
  clock.advance(1ms);
  EXPECT_TRUE(breaker.admits(clock.now()));
  EXPECT_FALSE(breaker.admits(clock.now())) << "only one";
  breaker.note(alive, clock.now());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(call(dead)) << "it counts from the beginning";
  EXPECT_TRUE(call(alive));
}

TEST_F(MollieBreaker, StaysOpenWhenTheTryFails) {
  open();
  for (int i = 0; i < 3; ++i) {
    clock.advance(1000ms);
    EXPECT_TRUE(call(dead));
    EXPECT_FALSE(call(alive));
  }
}

TEST_F(MollieBreaker, LetsAnotherTryWhenTheFirstSaysNothing) {
  open();
  clock.advance(1000ms);
  EXPECT_TRUE(call(none));
  clock.advance(1000ms);
  EXPECT_TRUE(breaker.admits(clock.now())) << "which never comes back";
  clock.advance(1000ms);
  EXPECT_TRUE(call(alive));
  EXPECT_TRUE(call(alive));
}

TEST_F(MollieBreaker, ClosesWhenAnOldCallIsAnswered) {
  EXPECT_TRUE(breaker.admits(clock.now()));
  open();
  breaker.note(alive, clock.now());
  EXPECT_TRUE(call(alive));
}

TEST_F(MollieBreaker, IsNotKeptOpenByAClockThatIsSetBack) {
  open();
  clock.advance(-1h);
  EXPECT_TRUE(call(alive));
  EXPECT_TRUE(call(alive));
}

}  // namespace
}  // namespace paylink::providers::mollie
