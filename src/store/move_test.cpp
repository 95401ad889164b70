#include "store/move.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"
#include "base/testing.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/postgres/whole_database.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/sqlite/whole_database.hpp"
#include "store/migrations.hpp"
#include "store/row_stream.hpp"

namespace paylink::store {
namespace {

using sql::Transaction;
using sql::Value;
using sql::WholeDatabase;

constexpr Time now = from_microseconds(1'710'925'200'000'000);

// Stops like a process that is killed: between two transactions, after `left` of them.
class CutOff final : public WholeDatabase {
 public:
  CutOff(WholeDatabase& inner, int left) : inner_(inner), left_(left) {}
  Result<std::string> identity() override { return inner_.identity(); }
  Result<std::vector<sql::Table>> tables() override { return inner_.tables(); }
  Result<> in_transaction(const Step& step) override {
    if (--left_ < 0) return fail(ErrorCode::unavailable, "cut_off", "");
    return inner_.in_transaction(step);
  }
  std::unique_ptr<sql::Scan> scan(Transaction& tx, const sql::Table& table, std::string after) override {
    return inner_.scan(tx, table, std::move(after));
  }
  std::string_view keep(std::string text) override { return inner_.keep(std::move(text)); }

 private:
  WholeDatabase& inner_;
  int left_;
};

class MoveTest : public ::testing::Test {
 protected:
  std::unique_ptr<WholeDatabase> open(const std::string& name) {
    auto opened = sql::sqlite::SqliteWholeDatabase::open(directory.file(name), sql::sqlite::Mode::write, now, random);
    ENSURE(opened.has_value());
    return *std::move(opened);
  }
  std::unique_ptr<WholeDatabase> empty(const std::string& name, std::size_t versions = 1'000) {
    const auto connection = sql::sqlite::Connection::open(directory.file(name), sql::sqlite::Mode::write);
    ENSURE(connection.has_value());
    sql::sqlite::SqliteMigrationTarget target(**connection);
    auto all = migrations();
    all.resize(std::min(versions, all.size()), all.front());
    ENSURE(sql::migrate(target, all, now).has_value());
    return open(name);
  }
  std::unique_ptr<WholeDatabase> filled(const std::string& name) {
    auto database = empty(name);
    fill(*database);
    return database;
  }
  std::unique_ptr<WholeDatabase> empty(const sql::postgres::testing::Schema& schema) {
    {
      const auto connection = sql::postgres::testing::connect(schema.url());
      sql::postgres::PostgresMigrationTarget target(*connection);
      ENSURE(sql::migrate(target, migrations(), now).has_value());
    }
    auto opened =
        sql::postgres::PostgresWholeDatabase::open({.url = schema.url()}, sql::postgres::Access::write, now, random);
    ENSURE(opened.has_value());
    return *std::move(opened);
  }
  static Result<> run(WholeDatabase& database, std::string text, std::vector<Value> values = {}) {
    return database.in_transaction([&](Transaction& tx) -> Result<> {
      TRY(tx.query(database.keep(std::move(text)), values));
      return {};
    });
  }

  // Every cell of all tables but the books, as text, in an order of its own; SQLite only.
  static std::vector<std::string> contents(WholeDatabase& database) {
    std::vector<std::string> rows;
    const auto tables = movable_tables(database);
    ENSURE(tables.has_value());
    for (const sql::Table& table : *tables) {
      std::string select;
      for (const sql::Column& column : table.columns)
        select += (select.empty() ? "SELECT " : " || ',' || ") + ("quote(" + column.name + ")");
      const auto read = [&](Transaction& tx) -> Result<> {
        const sql::Rows found = TRY(tx.query(database.keep(select + " FROM " + table.name), {}));
        for (std::size_t i = 0; i < found.size(); ++i)
          rows.push_back(table.name + ": " + std::string(found[i].text(0)));
        return {};
      };
      ENSURE(database.in_transaction(read).has_value());
    }
    std::ranges::sort(rows);
    return rows;
  }

  // Rows in every table, so that a new one has some as well: all ids of the n-th rows are the same, so they refer to
  // each other; what may be absent is so in every other row.
  void fill(WholeDatabase& database) {
    const auto tables = movable_tables(database);
    ENSURE(tables.has_value());
    const auto add_all = [&](Transaction& tx) -> Result<> {
      for (const sql::Table& table : *tables)
        for (std::size_t number = 0; number < ids.size(); ++number) TRY(add_row(database, tx, table, number));
      return {};
    };
    const auto filled_now = database.in_transaction(add_all);
    ASSERT_TRUE(filled_now) << filled_now.error().detail;
  }
  Result<> add_row(WholeDatabase& database, Transaction& tx, const sql::Table& table, std::size_t number) {
    const std::string name = "Žlutý \u20AC " + std::to_string(number), bytes = name + std::string("\0\xFF", 2);
    std::vector<Value> values;
    for (const sql::Column& column : table.columns) {
      const bool may_be_null = TRY(is_nullable(tx, table, column));
      values.push_back(number % 2 == 1 && may_be_null
                           ? Value(sql::Null{})
                           : value(column, static_cast<int>(number), ids[number], name, bytes));
    }
    return tx.defer(database.keep(sql::insert_into(table)), values);
  }
  static Value value(const sql::Column& column, int number, const Uuid& id, std::string_view name,
                     std::string_view bytes) {
    if (column.name == "currency") return "EUR";
    if (column.name.ends_with("_minor")) return number;  // money is never less than nothing
    switch (column.kind) {
      case sql::ColumnKind::integer:
        return number - 1;
      case sql::ColumnKind::text:
        return name;
      case sql::ColumnKind::blob:
        return sql::Blob{bytes};
      case sql::ColumnKind::uuid:
        return id;
    }
    return sql::Null{};
  }
  static Result<bool> is_nullable(Transaction& tx, const sql::Table& table, const sql::Column& column) {
    static constexpr std::string_view select =
        "SELECT COUNT(*) FROM pragma_table_info($1) WHERE name = $2 AND \"notnull\" = 0 AND pk = 0";
    const sql::Rows rows = TRY(tx.query(select, {table.name, column.name}));
    return rows.front().integer(0) == 1;
  }

  // Opened for writing, the source is left as it is.
  static Result<MoveOutcome> move(WholeDatabase& source, WholeDatabase& target, std::size_t chunk_rows = 1'000) {
    const auto leave = [&](const std::string& place) {
      return source.in_transaction([&](Transaction& tx) { return Moves(tx).depart(place); });
    };
    return move_installation(source, target, leave, {.chunk_rows = chunk_rows, .report = {}});
  }
  static std::string departed_to(WholeDatabase& database) {
    std::optional<Departure> departure;
    const auto read = [&](Transaction& tx) -> Result<> {
      departure = TRY(Moves(tx).departure());
      return {};
    };
    EXPECT_TRUE(database.in_transaction(read));
    return departure ? departure->target : "";
  }

  static void expect_moved(WholeDatabase& source, WholeDatabase& target) {
    const auto outcome = move(source, target, 3);
    ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().detail;
    EXPECT_EQ(outcome->differences, std::vector<std::string>());
    for (const MovedTable& table : outcome->tables) EXPECT_EQ(table.rows, rows_each) << table.name;
  }
  static TargetState state_of(WholeDatabase& target, WholeDatabase& source) {
    const auto state = look_at_target(target, *source.identity());
    EXPECT_TRUE(state) << state.error().message;
    return state ? *state : TargetState::empty;
  }

  static constexpr int rows_each = 10;
  SystemRandom random;
  const TemporaryDirectory directory{random};
  const std::vector<Uuid> ids = [this] {
    std::vector<Uuid> made(rows_each);
    for (Uuid& id : made) id = Uuid::v4(random);
    return made;
  }();
};

// By the migrations' own words, not by a catalog.
TEST_F(MoveTest, TakesEveryTableOfTheSchema) {
  std::set<std::string> made{"schema_migrations"};
  for (const sql::Migration& migration : migrations()) {
    std::string_view rest = migration.script;
    constexpr std::string_view create = "CREATE TABLE ";
    for (std::size_t at = 0; (at = rest.find(create)) != std::string_view::npos;) {
      rest.remove_prefix(at + create.size());
      made.emplace(rest.substr(0, rest.find(' ')));
    }
  }
  const auto source = filled("source"), target = empty("target");
  expect_moved(*source, *target);
  const auto tables = movable_tables(*target);
  for (const sql::Table& table : *tables) made.erase(table.name);
  EXPECT_EQ(made, (std::set<std::string>{"departures", "moves", "schema_migrations"}));
  EXPECT_EQ(contents(*target), contents(*source));
  EXPECT_EQ(contents(*target).size(), tables->size() * rows_each);
  EXPECT_EQ(state_of(*target, *source), TargetState::finished);
}

TEST_F(MoveTest, GoesFromEngineToEngine) {
  if (sql::postgres::testing::server_url() == nullptr) GTEST_SKIP() << "run this by tools/postgres run";
  const sql::postgres::testing::Schema first, second;
  const auto source = filled("source"), there = empty(first), further = empty(second), back = empty("back");
  expect_moved(*source, *there);
  expect_moved(*there, *further);
  expect_moved(*further, *back);
  EXPECT_EQ(contents(*back), contents(*source));
  EXPECT_EQ(state_of(*there, *source), TargetState::finished);
  EXPECT_NE(*there->identity(), *further->identity());
}

TEST_F(MoveTest, GoesOnWhereItWasCutOff) {
  const auto source = filled("source"), target = empty("target");
  int runs = 0;
  Result<MoveOutcome> outcome = MoveOutcome{};
  do {
    CutOff cut(*target, 4);
    outcome = move(*source, cut, 3);
    if (!outcome) {
      ASSERT_EQ(outcome.error().reason, "cut_off") << outcome.error().detail;
    }
    const auto state = state_of(*target, *source);
    EXPECT_EQ(state == TargetState::finished, outcome.has_value());
    ASSERT_LT(++runs, 100);
  } while (!outcome);
  EXPECT_GT(runs, 20);
  EXPECT_EQ(contents(*target), contents(*source));
  EXPECT_EQ(state_of(*target, *source), TargetState::finished);
  const auto guard = [](Transaction& tx) { return Moves(tx).check_finished(); };
  EXPECT_TRUE(target->in_transaction(guard));
}

// Whenever it is cut off: a link that can be paid in two places is paid twice.
TEST_F(MoveTest, NeverLeavesBothToBeServed) {
  const auto source = filled("source"), target = empty("target");
  const std::string there = *target->identity();
  const auto can_be_served = [](WholeDatabase& database) {
    return database
        .in_transaction([](Transaction& tx) -> Result<> {
          TRY(Moves(tx).check_finished());
          return Moves(tx).check_here();
        })
        .has_value();
  };
  // A beginning and one more each time: what is copied stays so, and in the end there is only comparing.
  for (int runs = 0; departed_to(*source).empty(); ++runs) {
    ASSERT_LT(runs, 1'000);
    EXPECT_TRUE(can_be_served(*source));
    CutOff cut(*target, 2);
    EXPECT_FALSE(move(*source, cut));
    EXPECT_FALSE(can_be_served(*target));
  }
  EXPECT_FALSE(can_be_served(*source));
  EXPECT_TRUE(check_source(*source, there, TargetState::unfinished));
  ASSERT_TRUE(move(*source, *target));
  EXPECT_TRUE(can_be_served(*target));
  EXPECT_FALSE(can_be_served(*source));
  EXPECT_EQ(departed_to(*source), there);
  EXPECT_EQ(departed_to(*target), "");
  EXPECT_TRUE(check_source(*source, there, TargetState::finished));
  // Another database, or another one of the same name: the first is what is served.
  for (const auto& [place, state] :
       {std::pair(std::string("sqlite:/elsewhere"), TargetState::empty), {there, TargetState::empty}}) {
    const auto again = check_source(*source, place, state);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason, "moved_away");
    EXPECT_NE(again.error().message.find("(" + there + ")"), std::string::npos) << again.error().message;
  }
}

TEST_F(MoveTest, StaysAfterAll) {
  const auto source = filled("source"), target = empty("target");
  ASSERT_TRUE(move(*source, *target));
  std::vector<std::string> answers;
  const auto stay = [&](Transaction& tx) -> Result<> {
    const auto departure = TRY(Moves(tx).stay());
    answers.push_back(departure ? departure->target : "");
    return {};
  };
  ASSERT_TRUE(source->in_transaction(stay));
  ASSERT_TRUE(source->in_transaction(stay));
  EXPECT_EQ(answers, (std::vector<std::string>{*target->identity(), ""}));
  EXPECT_TRUE(source->in_transaction([](Transaction& tx) { return Moves(tx).check_here(); }));
  const auto again = check_source(*source, *target->identity(), TargetState::finished);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "served_again");
  // Nor does it leave the target where that has left itself before, and was emptied since.
  const auto further = empty("further");
  ASSERT_TRUE(further->in_transaction([](Transaction& tx) { return Moves(tx).depart("sqlite:/elsewhere"); }));
  ASSERT_TRUE(move(*source, *further));
  EXPECT_EQ(departed_to(*further), "");
  EXPECT_EQ(contents(*target), contents(*source));
}

// The file alone is all of it, as whoever renames it takes it.
TEST_F(MoveTest, LeavesNothingInTheLog) {
  const auto source = filled("source");
  const auto target = empty("target");
  const auto reader = *sql::sqlite::Connection::open(directory.file("target"), sql::sqlite::Mode::read);
  constexpr std::string_view count_organizations = "SELECT COUNT(*) FROM organizations";
  ASSERT_TRUE(reader->begin());
  ASSERT_TRUE(reader->query(count_organizations, sql::Values{}));
  const auto hindered = move(*source, *target);
  ASSERT_FALSE(hindered);
  EXPECT_EQ(hindered.error().reason, "in_use");
  ASSERT_EQ(reader->commit(), sql::sqlite::Commit::done);
  ASSERT_TRUE(move(*source, *target));
  EXPECT_EQ(std::filesystem::file_size(directory.file("target-wal")), 0U);
}

TEST_F(MoveTest, NamesWhatIsDifferent) {
  struct Case {
    const char* name;
    const char* change;
    const char* says;
  };
  const Case cases[] = {
      {"a text", "UPDATE payment_links SET status = 'x' WHERE updated_at = 3", " has another status."},
      {"nothing for something", "UPDATE payment_links SET metadata = NULL WHERE updated_at = 3", " another metadata."},
      {"a number", "UPDATE payment_links SET reusable = 7 WHERE updated_at = 3", " has another reusable."},
      {"a row less", "DELETE FROM refunds WHERE created_at = 3", " is missing in the target."},
      {"a row more", "INSERT INTO settings VALUES ('a', 'b')", "settings: the row name a is in the target alone."},
      {"a last row more", "INSERT INTO settings VALUES ('ž', 'b')", "the row name ž is in the target alone."},
      {"bytes", "UPDATE api_keys SET secret_hash = x'00' WHERE created_at = 3", " has another secret_hash."},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto source = filled(std::string(c.name) + " source"), target = empty(c.name);
    const auto tables = movable_tables(*source);
    CutOff cut(*target, 1 + static_cast<int>(tables->size()));  // before it compares
    ASSERT_FALSE(move(*source, cut));
    ASSERT_TRUE(run(*target, c.change));
    for (int again = 0; again < 2; ++again) {
      const auto outcome = move(*source, *target);
      ASSERT_TRUE(outcome);
      ASSERT_EQ(outcome->differences.size(), 1U);
      EXPECT_NE(outcome->differences.front().find(c.says), std::string::npos) << outcome->differences.front();
      EXPECT_EQ(state_of(*target, *source), TargetState::unfinished);
      EXPECT_EQ(departed_to(*source), "");
    }
  }
}

TEST_F(MoveTest, TakesNoTargetWithOtherData) {
  const auto source = filled("source"), other = filled("other");
  const auto refusal = [&](WholeDatabase& target) {
    const auto state = look_at_target(target, *source->identity());
    return state ? std::string() : state.error().message;
  };
  EXPECT_EQ(refusal(*open("nothing")), "");
  EXPECT_EQ(refusal(*empty("empty")), "");
  EXPECT_EQ(refusal(*empty("older", 3)), "");
  EXPECT_EQ(refusal(*other), "The target has data already: its table api_keys is not empty. Nothing was changed.");
  const auto foreign = open("foreign");
  ASSERT_TRUE(run(*foreign, "CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  EXPECT_EQ(refusal(*foreign), "The target has tables that are not Paylink's. Nothing was changed.");
  ASSERT_TRUE(run(*foreign, "CREATE TABLE u (x REAL)"));
  EXPECT_EQ(refusal(*foreign), "The target has tables that are not Paylink's. Nothing was changed.");
  const auto part = empty("part");
  CutOff cut(*part, 3);
  ASSERT_FALSE(move(*other, cut));
  EXPECT_EQ(refusal(*part), "The target holds a part of what was moved from another database: " + *other->identity() +
                                ". Nothing was changed.");
}

TEST_F(MoveTest, TakesNoSourceThatIsNotWholeAndNew) {
  const auto reason = [](WholeDatabase& source) {
    const auto checked = check_source(source, "sqlite:/elsewhere", TargetState::empty);
    return checked ? std::string() : checked.error().reason;
  };
  const auto source = filled("source");
  EXPECT_EQ(reason(*source), "");
  EXPECT_EQ(reason(*open("nothing")), "no_installation");
  EXPECT_EQ(reason(*empty("older", 3)), "schema_too_old");
  const auto newer = empty("newer");
  ASSERT_TRUE(run(*newer, "INSERT INTO schema_migrations VALUES (9999, 'x', 0)"));
  EXPECT_EQ(reason(*newer), "schema_too_new");
  const auto part = empty("part");
  CutOff cut(*part, 3);
  ASSERT_FALSE(move(*source, cut));
  EXPECT_EQ(reason(*part), "unfinished_move");
  ASSERT_TRUE(run(*source, "DROP TABLE provider_alerts"));
  EXPECT_EQ(move(*source, *empty("target")).error().reason, "schemas_differ");
}

TEST_F(MoveTest, AsksForFewerLargeRows) {
  Pace pace(1'000);
  sql::Rows small(1), large(1);
  small.add_text("x");
  large.add_text(std::string(5 << 20, 'x'));
  for (int i = 0; i < 10; ++i) pace.learn(small);
  EXPECT_EQ(pace.rows(), 1'000U);
  for (int i = 0; i < 20; ++i) pace.learn(large);
  EXPECT_EQ(pace.rows(), 1U);
  EXPECT_EQ(Pace(1).rows(), 1U);
}

}  // namespace
}  // namespace paylink::store
