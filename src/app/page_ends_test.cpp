#include "app/page_ends.hpp"

#include <gtest/gtest.h>

#include "base/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;

LinkPlace place(std::int64_t key) { return {key, PaymentLinkId()}; }

TEST(PageEnds, AreOfThePageThatWasReadLast) {
  PageEnds ends;
  const Time now = ManualClock().now();
  ends.keep("a", 1, {}, place(1), now);
  ends.keep("b", 1, {}, place(2), now);
  EXPECT_EQ(ends.find("a", 2, now), place(1));
  EXPECT_EQ(ends.find("b", 2, now), place(2));
  for (const std::int64_t other : {0, 1, 3}) EXPECT_EQ(ends.find("a", other, now), std::nullopt);
  ends.keep("a", 2, {}, place(3), now);
  EXPECT_EQ(ends.find("a", 2, now), std::nullopt);
  EXPECT_EQ(ends.find("a", 3, now), place(3));
  ends.forget("a");
  ends.forget("nobody's");
  EXPECT_EQ(ends.find("a", 3, now), std::nullopt);
  EXPECT_EQ(ends.find("b", 2, now), place(2));
}

TEST(PageEnds, AreForgottenAfterAMinute) {
  PageEnds ends;
  const Time now = ManualClock().now();
  ends.keep("a", 1, {}, place(1), now);
  EXPECT_EQ(ends.find("a", 2, now + PageEnds::lifetime), place(1));
  EXPECT_EQ(ends.find("a", 2, now + PageEnds::lifetime + 1us), std::nullopt);
}

TEST(PageEnds, KnowWhereAPageBeganThatIsReadOnceMore) {
  PageEnds ends;
  const Time now = ManualClock().now();
  ends.keep("a", 2, place(1), place(2), now);
  EXPECT_EQ(ends.find("a", 2, now + PageEnds::retry_time), place(1));
  ends.keep("a", 2, place(1), place(2), now + PageEnds::retry_time);  // and not for ever
  EXPECT_EQ(ends.find("a", 2, now + PageEnds::retry_time + 1us), std::nullopt);
  EXPECT_EQ(ends.find("a", 3, now + PageEnds::retry_time + PageEnds::lifetime), place(2));
  ends.keep("a", 2, place(3), place(4), now + PageEnds::lifetime);
  EXPECT_EQ(ends.find("a", 2, now + PageEnds::lifetime), place(3));
  ends.keep("a", 3, place(4), {}, now + PageEnds::lifetime);  // the last one
  EXPECT_EQ(ends.find("a", 3, now + PageEnds::lifetime), place(4));
  EXPECT_EQ(ends.find("a", 4, now + PageEnds::lifetime), std::nullopt);
}

TEST(PageEnds, ForgetWhoHasNotReadForLongest) {
  PageEnds ends(3);
  const Time now = ManualClock().now();
  for (const std::string list : {"a", "b", "c", "a", "a", "a", "d"}) ends.keep(list, 1, {}, place(1), now);
  for (const std::string list : {"a", "c", "d"}) EXPECT_TRUE(ends.find(list, 2, now)) << list;
  EXPECT_FALSE(ends.find("b", 2, now));
  PageEnds none(0);
  none.keep("a", 1, {}, place(1), now);
  EXPECT_FALSE(none.find("a", 2, now));
}

}  // namespace
}  // namespace paylink::app
