#include "app/sandbox_clock.hpp"

#include <gtest/gtest.h>

#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

TEST(SandboxClock, KeepsTheLargerOffset) {
  Database database;
  for (const auto offset : {5s, 9s, 7s})
    ASSERT_TRUE(
        database.write(sql::Tenant::nobody(), [&](sql::Transaction& tx) { return keep_clock_offset(offset, tx); })
            .has_value());
  const auto kept = database.write(sql::Tenant::nobody(), [](sql::Transaction& tx) { return kept_clock_offset(tx); });
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(*kept, std::optional<std::chrono::microseconds>(9s));
}

}  // namespace
}  // namespace paylink::app
