#include "sql/sqlite/upkeep.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "base/ensure.hpp"
#include "base/testing.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::sql::sqlite {
namespace {

constexpr char table[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB); CREATE INDEX names ON t (name)";
constexpr std::string_view insert_row = "INSERT INTO t (id, name, bytes) VALUES ($1, 'name', zeroblob(4000))";
constexpr std::string_view delete_rows = "DELETE FROM t WHERE id >= $1";
constexpr std::string_view count_pages = "PRAGMA page_count", count_free = "PRAGMA freelist_count";
constexpr std::string_view check = "PRAGMA integrity_check";
constexpr int turns_max = 1'000;

class UpkeepTest : public ::testing::Test {
 protected:
  void open() {
    auto opened = Connection::open(path, Mode::write);
    ENSURE(opened.has_value());
    connection = *std::move(opened);
  }
  template <class Step>
  auto write(Step step) {
    EXPECT_TRUE(connection->begin());
    SqliteTransaction tx(*connection, Time{}, random);
    auto done = step(tx);
    EXPECT_TRUE(done.has_value());
    EXPECT_EQ(connection->commit(), Commit::done);
    return *done;
  }
  // A page each, and one at the end that is in the way.
  void fill_and_empty(int rows) {
    write([&](SqliteTransaction& tx) -> Result<int> {
      for (std::int64_t id = 1; id <= rows; ++id) TRY(tx.query(insert_row, {id}));
      TRY(tx.query(delete_rows, {std::int64_t{11}}));
      TRY(tx.query(insert_row, {std::int64_t{rows}}));
      return 0;
    });
  }
  std::int64_t number(std::string_view question) { return connection->query(question, Values{})->front().integer(0); }
  // How often it was answered that there is more.
  int turns(std::int64_t kept_min) {
    int count = 0;
    while (write([&](SqliteTransaction& tx) { return give_back_free_pages(tx, kept_min); }) && count < turns_max)
      ++count;
    EXPECT_EQ(connection->query(check, Values{})->front().text(0), "ok");
    return count;
  }

  SystemRandom random;
  TemporaryDirectory directory{random};
  const std::string path = directory.file("t.db");
  std::unique_ptr<Connection> connection;
};

TEST_F(UpkeepTest, GivesBackAllButATenthOrAFewPages) {
  struct Case {
    std::string name;
    int rows;
    std::int64_t kept_min, kept_at_least, kept_at_most;
  };
  const Case cases[] = {
      {"a few pages are left alone", 300, 1'024, 280, 1'024},
      {"as few as it is told stay", 3'000, 100, 90, 100},
      {"a tenth of a large file stays", 3'000, 0, 0, 4},
      {"as few as an installation's", 6'000, free_pages_kept_min, free_pages_kept_min - 8, free_pages_kept_min},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::filesystem::remove(path);
    open();
    ASSERT_TRUE(connection->execute_script(table));
    fill_and_empty(c.rows);
    const std::int64_t before = number(count_pages);
    const int turned = turns(c.kept_min);
    EXPECT_LT(turned, turns_max);
    EXPECT_EQ(turned > 1, c.rows > 1'024);  // a long file takes several turns
    EXPECT_GE(number(count_free), c.kept_at_least);
    EXPECT_LE(number(count_free), c.kept_at_most);
    EXPECT_EQ(number(count_pages) < before - 1'024, c.rows > 1'024);
    connection.reset();
  }
}

// It would write the whole file anew.
TEST_F(UpkeepTest, LeavesAFileMadeWithoutItAsItIs) {
  sqlite3* made_before = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &made_before), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(made_before, table, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(made_before);
  open();
  fill_and_empty(2'000);
  const std::int64_t before = number(count_pages);
  EXPECT_EQ(turns(0), 0);
  EXPECT_EQ(number(count_pages), before);
}

TEST_F(UpkeepTest, ForgetsStatistics) {
  constexpr std::string_view select =
      "EXPLAIN QUERY PLAN SELECT id FROM t WHERE name = 'name' AND bytes > 1 ORDER BY id";
  const auto plan = [&] { return std::string(connection->query(select, Values{})->front().text(3)); };
  const auto forget = [&] { return write([](SqliteTransaction& tx) { return forget_statistics(tx); }); };
  open();
  ASSERT_TRUE(connection->execute_script(table));
  EXPECT_FALSE(forget());
  fill_and_empty(30);
  const std::string usual = plan();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(connection->execute_script("ANALYZE"));
    EXPECT_NE(plan(), usual);  // they count
    EXPECT_TRUE(forget());
    EXPECT_EQ(plan(), usual);
    EXPECT_FALSE(forget());
  }
}

}  // namespace
}  // namespace paylink::sql::sqlite
