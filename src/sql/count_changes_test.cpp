#include "sql/count_changes.hpp"

#include <gtest/gtest.h>

namespace paylink::sql {
namespace {

TEST(Snapshot, SeesWhatHadEnded) {
  const Snapshot snapshot(10, 15, {10, 13});
  for (const std::uint64_t ended : {0U, 9U, 11U, 12U, 14U}) EXPECT_TRUE(snapshot.sees(ended)) << ended;
  for (const std::uint64_t running : {10U, 13U, 15U, 16U}) EXPECT_FALSE(snapshot.sees(running)) << running;
}

TEST(Snapshot, KnowsWhichOfTwoSeesMore) {
  const Snapshot first(10, 15, {10, 13}), same = first, later(10, 15, {10}), much_later(20, 20, {});
  EXPECT_TRUE(first.sees_all_of(same) && same.sees_all_of(first));
  EXPECT_TRUE(later.sees_all_of(first) && much_later.sees_all_of(later));
  EXPECT_FALSE(first.sees_all_of(later) || later.sees_all_of(much_later));
}

}  // namespace
}  // namespace paylink::sql
