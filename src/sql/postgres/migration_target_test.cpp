#include "sql/postgres/migration_target.hpp"

#include <gtest/gtest.h>

#include "sql/migration.hpp"
#include "sql/postgres/testing.hpp"

namespace paylink::sql::postgres {
namespace {

// Each start of a node leaves one.
TEST(PostgresMigrationTarget, ForgetsTheLanesOfLongAgo) {
  NEEDS_SERVER();
  const testing::Schema schema;
  const auto connection = testing::connect(schema.url());
  const auto migrate_now = [&] {
    PostgresMigrationTarget target(*connection);
    return migrate(target, {}, SystemClock().now()).has_value();
  };
  ASSERT_TRUE(migrate_now());
  ASSERT_TRUE(connection->execute_script(R"sql(
    INSERT INTO lane_batches SELECT gen_random_uuid(), days, (extract(epoch FROM now()) - days * 86400) * 1000000
    FROM unnest(ARRAY[0, 6, 8, 400]) AS days)sql"));
  ASSERT_TRUE(migrate_now());
  const Rows rows = *connection->query("SELECT MAX(batch), COUNT(*) FROM lane_batches", {});
  EXPECT_EQ(rows.front().integer(0), 6);
  EXPECT_EQ(rows.front().integer(1), 2);
}

}  // namespace
}  // namespace paylink::sql::postgres
