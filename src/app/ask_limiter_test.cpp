#include "app/ask_limiter.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace paylink::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class AskLimiters : public ::testing::Test {
 protected:
  int asked(AttemptId about, Time at, int times) {
    int allowed = 0;
    for (int i = 0; i < times; ++i) allowed += limiter.may_ask(about, at) ? 1 : 0;
    return allowed;
  }

  SystemRandom random;
  const Time now = SystemClock{}.now();
  const AttemptId attempt = AttemptId::create(now, random), other = AttemptId::create(now, random);
  AskLimiter limiter;
};

TEST_F(AskLimiters, AllowTenAtOnceAndThenOneASecond) {
  EXPECT_EQ(asked(attempt, now, 100), 10);
  EXPECT_EQ(asked(attempt, now + seconds(3), 100), 3);
  EXPECT_EQ(asked(other, now + seconds(3), 100), 10);
  EXPECT_EQ(asked(attempt, now + minutes(5), 100), 10);
}

// Of two who ask at once one may have read the time before a clock was put forward, or another clock.
TEST_F(AskLimiters, AllowWhoReadTheTimeBeforeItLeaped) {
  EXPECT_TRUE(limiter.may_ask(attempt, now + minutes(1)));
  EXPECT_EQ(asked(attempt, now, 100), 9);
  EXPECT_EQ(asked(attempt, now + minutes(1) + seconds(2), 100), 2);
}

TEST_F(AskLimiters, GoOnWhenTheClockWasSetBack) {
  EXPECT_EQ(asked(attempt, now + minutes(60), 100), 10);
  EXPECT_EQ(asked(attempt, now, 100), 10);
  EXPECT_EQ(asked(attempt, now + seconds(3), 100), 3);
}

}  // namespace
}  // namespace paylink::app
