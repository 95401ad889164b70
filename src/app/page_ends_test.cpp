#include "app/page_ends.hpp"

#include <gtest/gtest.h>

#include "base/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

LinkPlace place(std::int64_t key) { return {key, PaymentLinkId()}; }

TEST(PageEnds, AreOfOneListAndPage) {
  PageEnds ends;
  const Time now = ManualClock().now();
  ends.keep("a", 1, place(1), now);
  ends.keep("a", 2, place(2), now);
  ends.keep("b", 1, place(3), now);
  EXPECT_EQ(ends.find("a", 1, now), place(1));
  EXPECT_EQ(ends.find("a", 2, now), place(2));
  EXPECT_EQ(ends.find("b", 1, now), place(3));
  EXPECT_EQ(ends.find("b", 2, now), std::nullopt);
  ends.keep("a", 1, place(4), now);
  EXPECT_EQ(ends.find("a", 1, now), place(4));
}

TEST(PageEnds, AreForgottenAfterAMinute) {
  PageEnds ends;
  const Time now = ManualClock().now();
  ends.keep("a", 1, place(1), now);
  EXPECT_EQ(ends.find("a", 1, now + PageEnds::lifetime), place(1));
  EXPECT_EQ(ends.find("a", 1, now + PageEnds::lifetime + 1us), std::nullopt);
  // Whoever reads it again has it again.
  ends.keep("a", 1, place(2), now + 50s);
  ends.keep("b", 1, place(3), now + 70s);
  EXPECT_EQ(ends.find("a", 1, now + 70s), place(2));
}

TEST(PageEnds, AreNoMoreThanTheyMayBe) {
  PageEnds ends(10);
  const Time now = ManualClock().now();
  for (int page = 1; page <= 25; ++page) ends.keep("a", page, place(page), now + std::chrono::microseconds(page));
  for (int page = 1; page <= 25; ++page) EXPECT_EQ(ends.find("a", page, now).has_value(), page > 15) << page;
}

}  // namespace
}  // namespace paylink::app
