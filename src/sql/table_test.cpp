#include "sql/table.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.hpp"
#include "sql/sqlite/whole_database.hpp"

namespace paylink::sql {
namespace {

Table named(const std::string& name, std::set<std::string> references) { return {name, {}, {}, std::move(references)}; }

TEST(Tables, ComeAfterThoseTheyReferTo) {
  struct Case {
    const char* name;
    std::vector<Table> tables;
    std::string order;  // empty: there is none
  };
  const Case cases[] = {{"none refers", {named("a", {}), named("b", {})}, "a b "},
                        {"a child before its parent", {named("a", {"b"}), named("b", {"c"}), named("c", {})}, "c b a "},
                        {"two parents", {named("a", {"b", "c"}), named("b", {}), named("c", {})}, "b c a "},
                        {"to a table that is not moved", {named("a", {"other"})}, "a "},
                        {"in a circle", {named("a", {"b"}), named("b", {"a"}), named("c", {})}, ""},
                        {"to itself", {named("a", {"a"})}, ""}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto ordered = parents_first(c.tables);
    EXPECT_EQ(ordered.has_value(), !c.order.empty());
    std::string order;
    if (ordered)
      for (const Table& table : *ordered) order += table.name + " ";
    EXPECT_EQ(order, c.order);
  }
}

// A table with a key of every kind.
class KeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = sqlite::SqliteWholeDatabase::open(":memory:", sqlite::Mode::write, Time{}, random);
    ASSERT_TRUE(opened);
    database = *std::move(opened);
    ASSERT_TRUE(
        run("CREATE TABLE t (id UUID NOT NULL, n BIGINT NOT NULL, name TEXT NOT NULL, hash BYTEA NOT NULL,"
            " more TEXT, PRIMARY KEY (name, n, hash, id))"));
    const auto tables = database->tables();
    ASSERT_TRUE(tables && tables->size() == 1);
    table = tables->front();
  }
  Result<> run(std::string text, std::vector<Value> values = {}) {
    return database->in_transaction([&](Transaction& tx) -> Result<> {
      TRY(tx.query(database->keep(std::move(text)), values));
      return {};
    });
  }
  Result<> insert(const Uuid& id, std::int64_t number, std::string_view name, std::string_view hash) {
    return run("INSERT INTO t (id, n, name, hash) VALUES ($1, $2, $3, $4)", {id, number, name, Blob{hash}});
  }
  Rows all(std::string after = "", std::size_t count = 100) {
    Rows rows;
    EXPECT_TRUE(database->in_transaction([&](Transaction& tx) -> Result<> {
      rows = TRY(database->scan(tx, table, std::move(after))->next(count));
      return {};
    }));
    return rows;
  }

  SystemRandom random;
  std::unique_ptr<WholeDatabase> database;
  Table table;
};

TEST_F(KeysTest, AreReadFromTheCatalog) {
  std::vector<std::string> columns, key;
  for (const Column& column : table.columns) columns.push_back(column.name);
  for (const std::size_t place : table.key) key.push_back(table.columns[place].name);
  EXPECT_EQ(columns, (std::vector<std::string>{"hash", "id", "more", "n", "name"}));
  EXPECT_EQ(key, (std::vector<std::string>{"name", "n", "hash", "id"}));
  ASSERT_TRUE(run("CREATE TABLE f (id BIGINT PRIMARY KEY, x REAL)"));
  EXPECT_EQ(database->tables().error().reason, "unknown_type");
  ASSERT_TRUE(run("DROP TABLE f"));
  ASSERT_TRUE(run("CREATE TABLE f (id BIGINT)"));
  EXPECT_EQ(database->tables().error().reason, "no_key");
}

TEST_F(KeysTest, OrderRowsAndFindTheNext) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  const std::string zero("\0", 1);
  const Uuid id = Uuid::v4(random);
  // As they must come.
  ASSERT_TRUE(insert(id, 5, "", "\xFF"));
  ASSERT_TRUE(insert(id, least, "Z", ""));
  ASSERT_TRUE(insert(id, -1, "Z", zero));
  ASSERT_TRUE(insert(id, -1, "Z", zero + zero));
  ASSERT_TRUE(insert(id, most, "Z", "a"));
  ASSERT_TRUE(insert(id, 0, "a", "a"));
  ASSERT_TRUE(insert(id, 0, "ž", "a"));
  const Rows rows = all();
  ASSERT_EQ(rows.size(), 7U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(key_text(rows[i], table));
    EXPECT_EQ(compare_keys(rows[i], rows[i], table), 0);
    if (i > 0) {
      EXPECT_LT(compare_keys(rows[i - 1], rows[i], table), 0);
      EXPECT_GT(compare_keys(rows[i], rows[i - 1], table), 0);
    }
    const Rows after = all(*key_of(rows[i], table), 1);
    ASSERT_EQ(after.size(), i + 1 == rows.size() ? 0U : 1U);
    if (after.empty()) continue;
    EXPECT_EQ(compare_keys(after[0], rows[i + 1], table), 0);
  }
  EXPECT_EQ(key_text(rows[0], table), "name , n 5, hash ff, id " + id.text());
}

TEST_F(KeysTest, SayWhichRowHasWhatDoesNotBelongThere) {
  ASSERT_TRUE(insert(Uuid::v4(random), 1, "a", "a"));
  ASSERT_TRUE(insert(Uuid::v4(random), 2, "a", "a"));
  std::vector<Value> values;
  EXPECT_TRUE(read_values(all()[0], table, values));
  struct Case {
    const char* change;
    bool is_in_key;
  };
  for (const Case& c : {Case{"n = 'x'", true}, Case{"id = x'00'", true}, Case{"more = 5", false}}) {
    SCOPED_TRACE(c.change);
    ASSERT_TRUE(run("CREATE TABLE u AS SELECT * FROM t"));
    // A TEXT column would make text of a number: one without a type does not.
    ASSERT_TRUE(run(std::string("UPDATE u SET ") + c.change));
    Rows rows;
    ASSERT_TRUE(database->in_transaction([&](Transaction& tx) -> Result<> {
      rows = TRY(tx.query(database->keep("SELECT hash, id, CAST(more AS INTEGER), n, name FROM u"), {}));
      return {};
    }));
    const auto read = read_values(rows[0], table, values);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().reason, "wrong_type");
    EXPECT_EQ(key_of(rows[0], table).has_value(), !c.is_in_key);
    ASSERT_TRUE(run("DROP TABLE u"));
  }
}

}  // namespace
}  // namespace paylink::sql
