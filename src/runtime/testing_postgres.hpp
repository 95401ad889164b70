#pragma once

#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/testing.hpp"
#include "runtime/postgres_lane.hpp"
#include "runtime/testing.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/postgres/testing_proxy.hpp"

// What the tests of the PostgreSQL lane share.
namespace paylink::runtime::testing::postgres {

inline constexpr char tables[] = R"sql(
  CREATE TABLE rows (name TEXT NOT NULL);
  CREATE TABLE counts (owner UUID, name TEXT, part SMALLINT, amount BIGINT, PRIMARY KEY (owner, name, part));
  CREATE TABLE names (name TEXT PRIMARY KEY);
  CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
  INSERT INTO counters VALUES ('first', 0), ('second', 0);
  CREATE TABLE notes (organization_id UUID NOT NULL, text TEXT NOT NULL);
)sql";

inline constexpr std::string_view insert_row = "INSERT INTO rows (name) VALUES ($1)";
inline constexpr std::string_view insert_name = "INSERT INTO names (name) VALUES ($1)";
inline constexpr std::string_view count_rows = "SELECT COUNT(*) FROM rows";
inline constexpr std::string_view add_to_count =
    "INSERT INTO counts (owner, name, part, amount) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (owner, name, part) DO UPDATE SET amount = counts.amount + excluded.amount";
inline constexpr std::string_view miscounted =
    "SELECT (SELECT COUNT(*) FROM rows) - COALESCE((SELECT CAST(SUM(amount) AS BIGINT) FROM counts), 0)";
inline constexpr std::string_view count_named = "SELECT COUNT(*) FROM rows WHERE name = $1";
inline constexpr std::string_view lock_counter = "SELECT value FROM counters WHERE name = $1";
inline constexpr std::string_view count_locks =
    "SELECT COUNT(*) FROM pg_locks WHERE relation = 'lane_batches'::regclass";
inline constexpr std::string_view select_session = "SELECT pg_backend_pid()";
inline constexpr std::string_view update_counter = "UPDATE counters SET value = value + 1 WHERE name = $1";

// Each row is counted too.
inline TestWork::Step insert(std::string name) {
  return [name](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(insert_row, {name}));
    return tx.add(add_to_count, Uuid(), "rows", 1, {});
  };
}

inline TestWork::Step increment(std::string name) {
  return [name](sql::Transaction& tx) -> Result<> {
    TRY(tx.lock(lock_counter, {name}));
    return tx.defer(update_counter, {name});
  };
}

// A server with our tables, and a lane whose way to it can be broken.
struct Fixture {
  Fixture() {
    auto connection = sql::postgres::testing::connect(schema.url());
    sql::postgres::PostgresMigrationTarget target(*connection);
    const sql::Migration migrations[] = {{1, "tables", tables}};
    ENSURE(sql::migrate(target, migrations, clock.now()).has_value());
    options.url = proxy.url();
    options.writers = options.readers = 1;
  }
  ~Fixture() { lane.reset(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  PostgresLane& start() {
    lane = std::make_unique<PostgresLane>(options, clock, random);
    return *lane;
  }
  // Keeps the only writer, or reader, busy until the work ends, so that what is submitted meanwhile becomes one batch.
  using Submit = void (PostgresLane::*)(app::Work&) noexcept;
  void hold(TestWork& work, Submit how = &PostgresLane::submit_write) const {
    (lane.get()->*how)(work);
    while (work.runs == 0) std::this_thread::yield();
  }
  // What anybody else sees.
  std::int64_t number(std::string_view statement, sql::Values values = {}) {
    const auto rows = watcher->query(statement, values);
    ENSURE(rows.has_value());
    const std::int64_t found = rows->front().integer(0);
    watcher->roll_back();
    return found;
  }
  std::int64_t stored() {
    EXPECT_EQ(number(miscounted), 0);
    return number(count_rows);
  }
  std::int64_t stored(std::string_view name) {
    const sql::Value values[] = {name};
    return number(count_named, values);
  }
  std::int64_t counter(std::string_view name) {
    const sql::Value values[] = {name};
    return number(lock_counter, values);
  }
  std::int64_t read(std::string_view name) const {
    std::int64_t count = -1;
    TestWork work([&](sql::Transaction& tx) -> Result<> {
      const auto rows = TRY(tx.query(count_named, {name}));
      count = rows.front().integer(0);
      return {};
    });
    lane->submit_read(work);
    EXPECT_EQ(work.reason(), "");
    return count;
  }
  void run(const std::string& script) { ASSERT_TRUE(schema.admin().execute_script(script)); }
  void end_session(std::int64_t session) { run("SELECT pg_terminate_backend(" + std::to_string(session) + ", 5000)"); }

  SystemClock clock;
  SystemRandom random;
  sql::postgres::testing::Schema schema;
  sql::postgres::testing::Proxy proxy{schema.url()};
  std::unique_ptr<sql::postgres::Connection> watcher = sql::postgres::testing::connect(schema.url());
  PostgresLaneOptions options;
  std::unique_ptr<PostgresLane> lane;
};

// Several works that were waiting at the same time while the only one who could take them up was busy: one batch.
inline void submit(Fixture& test, std::initializer_list<TestWork*> works,
                   Fixture::Submit how = &PostgresLane::submit_write) {
  std::latch open(1);
  TestWork holder([&](sql::Transaction&) -> Result<> {
    open.wait();
    return {};
  });
  test.hold(holder, how);
  for (TestWork* work : works) (test.lane.get()->*how)(*work);
  open.count_down();
  EXPECT_EQ(holder.reason(), "");
}
inline void submit_reads(Fixture& test, std::initializer_list<TestWork*> works) {
  submit(test, works, &PostgresLane::submit_read);
}

}  // namespace paylink::runtime::testing::postgres
