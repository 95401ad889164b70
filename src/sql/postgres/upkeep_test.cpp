#include "sql/postgres/upkeep.hpp"

#include <gtest/gtest.h>

#include "sql/postgres/testing.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::sql::postgres {
namespace {

using namespace std::chrono_literals;

class Off final : public Clock {
 public:
  explicit Off(std::chrono::microseconds by) : by_(by) {}
  Time now() const override { return SystemClock().now() + by_; }

 private:
  const std::chrono::microseconds by_;
};

TEST(ClockDifference, IsHowFarTheDatabaseIsAhead) {
  if (testing::server_url() == nullptr) GTEST_SKIP() << "run this by tools/postgres run";
  const testing::Schema schema;
  const auto connection = testing::connect(schema.url());
  SystemRandom random;
  for (const std::chrono::microseconds by : {-72h, 0h, 72h}) {
    ASSERT_TRUE(connection->begin());
    PostgresTransaction tx(*connection, {}, random);
    const auto difference = clock_difference(Off(by), tx);
    ASSERT_TRUE(difference);
    EXPECT_LT(std::chrono::abs(*difference + by), 1s);
    ASSERT_EQ(connection->commit(), Commit::done);
  }
}

}  // namespace
}  // namespace paylink::sql::postgres
