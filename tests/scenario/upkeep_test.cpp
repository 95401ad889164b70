// What the server does with its own file while it runs.

#include <gtest/gtest.h>

#include <filesystem>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

constexpr std::uintmax_t mebibyte = 1 << 20;

TEST(Upkeep, GivesFreePagesBackAndForgetsStatistics) {
  if (is_on_postgres()) GTEST_SKIP() << "PostgreSQL looks after its files itself";
  Sandbox sandbox;
  const Link link = create(sandbox, body(basket));
  ASSERT_EQ(sandbox.stop(), 0);
  const std::string file = sandbox.data_dir() + "/paylink.db";
  execute(file,
          "CREATE TABLE ballast (bytes BLOB);"
          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)"
          " INSERT INTO ballast SELECT zeroblob(4000) FROM n;"
          "DROP TABLE ballast; ANALYZE");
  EXPECT_GT(std::filesystem::file_size(file), 40 * mebibyte);

  sandbox.start();
  // 4 MiB are kept. The file itself shrinks when the log of writes is next brought into it.
  EXPECT_TRUE(eventually([&] { return std::stoi(value(file, "PRAGMA page_count")) < 2'000; }));
  EXPECT_TRUE(eventually([&] {
    execute(file, "PRAGMA wal_checkpoint");
    return std::filesystem::file_size(file) < 8 * mebibyte;
  }));
  EXPECT_EQ(value(file, "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'"), "0");
  EXPECT_EQ(value(file, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(sandbox.get("/v2/payment_links/" + link.id).status, 200);
  create(sandbox, body(basket));
}

}  // namespace
}  // namespace paylink::scenario
