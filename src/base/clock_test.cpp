#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace paylink {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, IsWrittenInWholeSecondsOfUtcAndReadBack) {
  struct Case {
    std::int64_t microseconds;
    std::string text;
  };
  const Case cases[] = {
      {0, "1970-01-01T00:00:00Z"},
      {1'710'925'200'999'999, "2024-03-20T09:00:00Z"},
      {1'709'164'800'000'000, "2024-02-29T00:00:00Z"},
      {253'402'300'799'000'000, "9999-12-31T23:59:59Z"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Time time = from_microseconds(c.microseconds);
    EXPECT_EQ(to_rfc3339(time), c.text);
    EXPECT_EQ(parse_rfc3339(c.text), std::chrono::floor<std::chrono::seconds>(time));
  }
  for (const std::string text : {"",
                                 "2024-02-30T00:00:00Z",
                                 "2024-13-01T00:00:00Z",
                                 "2024-01-01T24:00:00Z",
                                 "2024-01-01T00:60:00Z",
                                 "2024-01-01T00:00:00",
                                 "2024-01-01 00:00:00Z",
                                 "2024-1-1T00:00:00Z",
                                 "2024-01-01T00:00:00Z ",
                                 "2024-01-01T00:00:60Z",
                                 "2024-01-01T00:00:00.Z",
                                 "2024-01-01T00:00:00.5",
                                 "2024-01-01T00:00:00,5Z",
                                 "2024-01-01T00:00:00+0200",
                                 "2024-01-01T00:00:00+24:00",
                                 "2024-01-01T00:00:00+02:60",
                                 "2024-01-01T00:00:00 02:00",
                                 "2024-01-01T00:00:00+02",
                                 "9999-12-31T23:59:59-00:01",
                                 "0000-01-01T00:00:00+00:01",
                                 "+024-01-01T00:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
}

TEST(Rfc3339, ReadsEveryWayToWriteAMoment) {
  const Time noon = *parse_rfc3339("2024-03-01T12:00:00Z");
  for (const std::string text :
       {"2024-03-01T12:00:00+00:00", "2024-03-01T12:00:00-00:00", "2024-03-01t12:00:00z", "2024-03-01T12:00:00.5Z",
        "2024-03-01T12:00:00.999999999999Z", "2024-03-01T14:00:00+02:00", "2024-03-01T06:30:00.25-05:30",
        "2024-03-02T11:59:00+23:59", "2024-02-29T12:01:00-23:59"})
    EXPECT_EQ(parse_rfc3339(text), noon) << text;
}

class StillClock final : public Clock {
 public:
  Time now() const override { return from_microseconds(1'000'000); }
};

TEST(MovableClock, OnlyGrows) {
  const StillClock base;
  MovableClock clock(base);
  EXPECT_EQ(clock.now(), base.now());
  EXPECT_TRUE(clock.advance(5s));
  EXPECT_TRUE(clock.advance(2s));
  EXPECT_EQ(clock.now(), base.now() + 7s);
  EXPECT_EQ(clock.offset(), std::chrono::microseconds(7s));
}

TEST(MovableClock, StaysBeforeItsEnd) {
  const StillClock base;
  MovableClock clock(base);
  const auto left = MovableClock::end - base.now();
  EXPECT_FALSE(clock.advance(left));
  EXPECT_FALSE(clock.advance(std::chrono::microseconds::max()));
  EXPECT_EQ(clock.now(), base.now());
  EXPECT_TRUE(clock.advance(left - 1us));
  EXPECT_EQ(to_rfc3339(clock.now()), "8999-12-31T23:59:59Z");
  EXPECT_TRUE(clock.advance(0us));
  EXPECT_FALSE(clock.advance(1us));
  EXPECT_EQ(clock.now(), MovableClock::end - 1us);
}

TEST(MovableClock, LosesNoStepOfManyThreads) {
  const StillClock base;
  MovableClock clock(base);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(clock.advance(1us));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(clock.offset(), 4'000us);
}

}  // namespace
}  // namespace paylink
