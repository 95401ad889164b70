#include "sql/postgres/connection.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.hpp"
#include "sql/postgres/failure.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::sql::postgres {
namespace {

using testing::Schema;

struct Fixture {
  Fixture() {
    run("CREATE TABLE things (organization_id UUID NOT NULL, id BIGINT NOT NULL, small SMALLINT, whole INTEGER,"
        " name TEXT, code CHAR(3), bytes BYTEA, PRIMARY KEY (organization_id, id))");
  }
  void run(const std::string& script) { ASSERT_TRUE(connection->execute_script(script).has_value()); }
  PostgresTransaction transaction() { return {*connection, from_microseconds(1), random}; }

  Schema schema;
  SystemRandom random;
  std::unique_ptr<Connection> connection = testing::connect(schema.url());
  Uuid ours = Uuid::v4(random), theirs = Uuid::v4(random);
};

constexpr std::string_view insert_thing =
    "INSERT INTO things (organization_id, id, small, whole, name, code, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view select_thing =
    "SELECT organization_id, id, small, whole, name, code, bytes FROM things WHERE organization_id = $1 AND id = $2";
constexpr std::string_view count_things = "SELECT COUNT(*) FROM things";
constexpr std::string_view lock_thing = "SELECT id FROM things WHERE organization_id = $1 AND id = $2";
constexpr std::string_view update_thing = "UPDATE things SET whole = $3 WHERE organization_id = $1 AND id = $2";
constexpr std::string_view divide = "SELECT 1 / $1::int";

Result<> insert(Connection& connection, const Uuid& organization, std::int64_t id) {
  const Value values[] = {organization, id, 1, 2, "name", "EUR", Blob{"\x00\xff"}};
  return connection.send(insert_thing, values);
}

TEST(PostgresConnection, GivesEveryValueBack) {
  NEEDS_SERVER();
  Fixture test;
  const std::string bytes("\x00\x01\xfe\xff", 4);
  const struct {
    const char* name;
    std::int64_t id, small, whole;
    const char* text;
    std::string_view bytes;
  } cases[] = {
      {"zero and empty", 0, 0, 0, "", ""},
      {"largest", INT64_MAX, INT16_MAX, INT32_MAX, "Zoë 漢字 😀", bytes},
      {"smallest", INT64_MIN, INT16_MIN, INT32_MIN, " spaces kept ", std::string_view(bytes).substr(0, 1)},
      {"minus one", -1, -1, -1, "'; DROP TABLE things; --", bytes},
  };
  ASSERT_TRUE(test.connection->begin());
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Value values[] = {test.ours, c.id, c.small, c.whole, c.text, "EUR", Blob{c.bytes}};
    ASSERT_TRUE(test.connection->send(insert_thing, values));
    const Value key[] = {test.ours, c.id};
    const auto rows = test.connection->query(select_thing, key);
    ASSERT_TRUE(rows);
    const auto row = rows->front();
    EXPECT_EQ(row.uuid(0), test.ours);
    EXPECT_EQ(row.integer(1), c.id);
    EXPECT_EQ(row.integer(2), c.small);
    EXPECT_EQ(row.integer(3), c.whole);
    EXPECT_EQ(row.text(4), c.text);
    EXPECT_EQ(row.text(5), "EUR");
    EXPECT_EQ(row.text(6), c.bytes);
  }
  const Value nothing[] = {test.ours, 77, Null{}, Null{}, Null{}, Null{}, Null{}}, key[] = {test.ours, 77};
  ASSERT_TRUE(test.connection->send(insert_thing, nothing));
  const auto rows = test.connection->query(select_thing, key);
  ASSERT_TRUE(rows);
  for (std::size_t column = 2; column < 7; ++column) EXPECT_TRUE(rows->front().is_null(column));
  EXPECT_EQ(test.connection->commit(), Commit::done);
}

TEST(PostgresConnection, CompilesNoPlans) {
  NEEDS_SERVER();
  Fixture test;
  const auto rows = test.transaction().query("SELECT current_setting('jit')", {});
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->front().text(0), "off");
}

// Whatever is set for its role.
TEST(PostgresConnection, SeesWhatIsCommittedBetweenTwoQuestions) {
  NEEDS_SERVER();
  Fixture test;
  const auto reader = testing::connect(test.schema.url() + "%20-cdefault_transaction_isolation%3Dserializable");
  const auto before = reader->query(count_things, {});
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  ASSERT_EQ(test.connection->commit(), Commit::done);
  const auto after = reader->query(count_things, {});
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->front().integer(0), 0);
  EXPECT_EQ(after->front().integer(0), 1);
}

// Only the statement that is walked is planned so.
TEST(PostgresConnection, WalksIndexes) {
  NEEDS_SERVER();
  Fixture test;
  constexpr std::string_view whether_sorted = "SELECT current_setting('enable_sort')";
  PostgresTransaction tx = test.transaction();
  const auto before = tx.query(whether_sorted, {});
  const auto walked = tx.walk(whether_sorted, Values{});
  const auto after = tx.query(whether_sorted, {});
  ASSERT_TRUE(before && walked && after);
  EXPECT_EQ(before->front().text(0), "on");
  EXPECT_EQ(walked->front().text(0), "off");
  EXPECT_EQ(after->front().text(0), "on");
}

TEST(PostgresConnection, TakesNoNumberThatDoesNotFitItsColumn) {
  NEEDS_SERVER();
  Fixture test;
  const Value values[] = {test.ours, 1, 40'000, 1, "", "EUR", Blob{""}};
  ASSERT_TRUE(test.connection->begin());
  EXPECT_THROW(static_cast<void>(test.connection->send(insert_thing, values)), BrokenInvariant);
}

TEST(PostgresConnection, TellsOfADeferredFailureWhereItWaits) {
  NEEDS_SERVER();
  Fixture test;
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));  // a duplicate, found later
  ASSERT_TRUE(insert(*test.connection, test.ours, 2));
  const auto counted = test.connection->query(count_things, {});
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().reason, "already_exists");
  // Everything after it fails the same way, until it is rolled back.
  EXPECT_EQ(insert(*test.connection, test.ours, 3).error().reason, "already_exists");
  EXPECT_EQ(test.connection->commit(), Commit::refused);
  test.connection->roll_back();
  EXPECT_FALSE(test.connection->error());
  ASSERT_TRUE(test.connection->begin());
  const auto after = test.connection->query(count_things, {});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->front().integer(0), 0);
}

TEST(PostgresConnection, TellsOfADeferredFailureAtTheCommit) {
  NEEDS_SERVER();
  Fixture test;
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  EXPECT_EQ(test.connection->commit(), Commit::refused);
  EXPECT_EQ(test.connection->error()->reason, "already_exists");
  test.connection->roll_back();
  ASSERT_TRUE(test.connection->begin());
  EXPECT_EQ(test.connection->query(count_things, {})->front().integer(0), 0);
}

TEST(PostgresConnection, DefersAnyNumberOfStatements) {
  NEEDS_SERVER();
  Fixture test;
  ASSERT_TRUE(test.connection->begin());
  for (int i = 0; i < 5'000; ++i) ASSERT_TRUE(insert(*test.connection, test.ours, i));
  ASSERT_EQ(test.connection->commit(), Commit::done);
  ASSERT_TRUE(test.connection->begin_read());
  EXPECT_EQ(test.connection->query(count_things, {})->front().integer(0), 5'000);
  test.connection->end_read();
  ASSERT_TRUE(test.connection->begin_read());
  EXPECT_EQ(test.connection->query(count_things, {})->front().integer(0), 5'000);
}

TEST(PostgresConnection, FailsOnBothKindsOfErrors) {
  NEEDS_SERVER();
  Fixture test;
  ASSERT_TRUE(test.connection->begin());
  const Value zero[] = {0}, one[] = {1};
  const auto divided = test.connection->query(divide, zero);
  ASSERT_FALSE(divided);
  EXPECT_EQ(divided.error().code, ErrorCode::internal);
  test.connection->roll_back();
  ASSERT_TRUE(test.connection->begin());
  EXPECT_EQ(test.connection->query(divide, one)->front().integer(0), 1);
  EXPECT_FALSE(test.connection->execute_script("SELECT nonsense"));
}

TEST(PostgresConnection, KnowsWhenItIsLost) {
  NEEDS_SERVER();
  Fixture test;
  const auto end = [&] {
    ASSERT_TRUE(test.schema.admin().execute_script(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'victim'"));
  };
  auto victim = testing::connect(test.schema.url(), "victim");
  ASSERT_TRUE(victim->begin());
  ASSERT_TRUE(insert(*victim, test.ours, 1));
  ASSERT_TRUE(victim->query(count_things, {}));
  end();
  const auto counted = victim->query(count_things, {});
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().reason, "storage_unavailable");
  EXPECT_TRUE(victim->is_lost());
  EXPECT_EQ(victim->commit(), Commit::refused) << "the server was not asked to commit";
  victim->roll_back();
  EXPECT_FALSE(victim->is_alive());

  victim = testing::connect(test.schema.url(), "victim");
  ASSERT_TRUE(victim->begin());
  ASSERT_EQ(victim->commit(), Commit::done);
  ASSERT_TRUE(victim->begin());
  ASSERT_TRUE(insert(*victim, test.ours, 1));
  end();
  EXPECT_EQ(victim->commit(), Commit::lost) << "nobody knows";

  victim = testing::connect(test.schema.url(), "victim");
  EXPECT_TRUE(victim->is_alive());
  end();
  EXPECT_FALSE(victim->is_alive());
}

TEST(PostgresConnection, CannotBeOpenedWithoutAServer) {
  const auto opened = Connection::open({.url = "postgresql://nobody@127.0.0.1:1/none"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, "storage_unavailable");
}

TEST(PostgresTransaction, LocksRowsAndPassesOverThoseTaken) {
  NEEDS_SERVER();
  Fixture test;
  const Value first[] = {test.ours, 1}, second[] = {test.ours, 2};
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  ASSERT_TRUE(insert(*test.connection, test.ours, 2));
  ASSERT_EQ(test.connection->commit(), Commit::done);

  auto other = testing::connect(test.schema.url());
  ASSERT_TRUE(other->execute_script("SET lock_timeout = '50ms'"));
  PostgresTransaction ours = test.transaction(), theirs(*other, from_microseconds(1), test.random);
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(other->begin());
  EXPECT_EQ(ours.lock(lock_thing, first)->size(), 1U);
  EXPECT_EQ(theirs.claim(lock_thing, first)->size(), 0U) << "taken";
  EXPECT_EQ(theirs.claim(lock_thing, second)->size(), 1U);
  const auto waited = theirs.lock(lock_thing, first);
  ASSERT_FALSE(waited);
  EXPECT_TRUE(is_contended(waited.error()));
  other->roll_back();
  EXPECT_EQ(test.connection->commit(), Commit::done);
  ASSERT_TRUE(other->begin());
  EXPECT_EQ(theirs.lock(lock_thing, first)->size(), 1U);
}

TEST(PostgresTransaction, EndsADeadlock) {
  NEEDS_SERVER();
  Fixture test;
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(insert(*test.connection, test.ours, 1));
  ASSERT_TRUE(insert(*test.connection, test.ours, 2));
  ASSERT_EQ(test.connection->commit(), Commit::done);
  auto other = testing::connect(test.schema.url());
  const Value one[] = {test.ours, 1, 10}, two[] = {test.ours, 2, 20};
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(other->begin());
  ASSERT_TRUE(test.connection->query(update_thing, one));
  ASSERT_TRUE(other->query(update_thing, two));
  Result<Rows> theirs = Rows();
  std::thread waiting([&] { theirs = other->query(update_thing, one); });
  const auto ours = test.connection->query(update_thing, two);
  if (!ours) test.connection->roll_back();
  waiting.join();
  EXPECT_NE(ours.has_value(), theirs.has_value()) << "one of the two goes on";
  EXPECT_TRUE(is_contended(ours ? theirs.error() : ours.error()));
}

TEST(PostgresTransaction, ClaimsAKeyForOneAlone) {
  NEEDS_SERVER();
  Fixture test;
  auto other = testing::connect(test.schema.url());
  PostgresTransaction ours = test.transaction(), theirs(*other, from_microseconds(1), test.random);
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(other->begin());
  EXPECT_TRUE(*ours.try_claim("a key"));
  EXPECT_TRUE(*ours.try_claim("a key")) << "it is ours already";
  EXPECT_FALSE(*theirs.try_claim("a key"));
  EXPECT_TRUE(*theirs.try_claim("another key"));
  test.connection->roll_back();
  EXPECT_TRUE(*theirs.try_claim("a key"));
}

TEST(PostgresTransaction, KnowsWhetherAnythingMayHaveChanged) {
  NEEDS_SERVER();
  Fixture test;
  PostgresTransaction tx = test.transaction();
  ASSERT_TRUE(test.connection->begin());
  ASSERT_TRUE(tx.query(count_things, {}));
  ASSERT_TRUE(tx.try_claim("key"));
  EXPECT_FALSE(tx.take_changed());
  const Value values[] = {test.ours, 1, 5};
  ASSERT_TRUE(tx.defer(update_thing, values));
  EXPECT_TRUE(tx.take_changed());
  EXPECT_FALSE(tx.take_changed());
  ASSERT_TRUE(tx.query(update_thing, values));
  EXPECT_TRUE(tx.take_changed());
}

constexpr std::string_view select_all = "SELECT organization_id FROM things";
constexpr std::string_view delete_all = "DELETE FROM things RETURNING id";

TEST(PostgresTransaction, ShowsATenantNothingOfOthers) {
  NEEDS_SERVER();
  Fixture test;
  PostgresMigrationTarget target(*test.connection);
  const Migration none[] = {{1, "none", "SELECT 1"}};
  ASSERT_TRUE(migrate(target, none, from_microseconds(1)));
  ASSERT_EQ(*migrate(target, none, from_microseconds(1)), 0) << "and again";

  const auto tx_as = [&](const Tenant& tenant) {
    test.connection->roll_back();
    EXPECT_TRUE(test.connection->begin());
    PostgresTransaction tx = test.transaction();
    EXPECT_TRUE(tx.enter(tenant));
    return tx;
  };
  {
    PostgresTransaction tx = tx_as(Tenant::everybody());
    ASSERT_TRUE(insert(*test.connection, test.ours, 1));
    ASSERT_TRUE(insert(*test.connection, test.theirs, 1));
    ASSERT_EQ(test.connection->commit(), Commit::done);
  }
  EXPECT_EQ(tx_as(Tenant::everybody()).query(select_all, {})->size(), 2U);
  EXPECT_EQ(tx_as(Tenant::nobody()).query(select_all, {})->size(), 0U);
  const auto seen = tx_as(Tenant::organization(test.ours)).query(select_all, {});
  ASSERT_EQ(seen->size(), 1U);
  EXPECT_EQ(seen->front().uuid(0), test.ours);
  EXPECT_EQ(tx_as(Tenant::organization(test.theirs)).query(delete_all, {})->size(), 1U);

  PostgresTransaction tx = tx_as(Tenant::organization(test.ours));
  ASSERT_TRUE(insert(*test.connection, test.theirs, 7));
  EXPECT_FALSE(tx.query(count_things, {})) << "nobody writes another tenant's rows";
  // One tenant after the other in one transaction, as in a batch.
  PostgresTransaction batch = tx_as(Tenant::organization(test.ours));
  EXPECT_EQ(batch.query(select_all, {})->front().uuid(0), test.ours);
  ASSERT_TRUE(batch.enter(Tenant::organization(test.theirs)));
  EXPECT_EQ(batch.query(select_all, {})->front().uuid(0), test.theirs);
  // Nothing of it is left for the next transaction.
  test.connection->roll_back();
  ASSERT_TRUE(test.connection->begin());
  EXPECT_EQ(test.connection->query(select_all, {})->size(), 0U);
}

TEST(PostgresMigrations, RunOnceHoweverManyNodesStart) {
  NEEDS_SERVER();
  const Schema schema;
  const Migration steps[] = {{1, "first", "CREATE TABLE a (id BIGINT); INSERT INTO a VALUES (1)"},
                             {2, "second", "INSERT INTO a VALUES (2); SELECT pg_sleep(0.2)"}};
  std::atomic<int> applied{0}, failed{0};
  std::vector<std::thread> nodes;
  for (int i = 0; i < 4; ++i)
    nodes.emplace_back([&] {
      auto connection = testing::connect(schema.url());
      PostgresMigrationTarget target(*connection);
      const auto done = migrate(target, steps, from_microseconds(1));
      done ? applied += * done : failed += 1;
    });
  for (auto& node : nodes) node.join();
  EXPECT_EQ(applied, 2);
  EXPECT_EQ(failed, 0);
}

TEST(PostgresMigrations, AreDoneWholeOrNotAtAll) {
  NEEDS_SERVER();
  const Schema schema;
  auto connection = testing::connect(schema.url());
  PostgresMigrationTarget target(*connection);
  const Migration steps[] = {{1, "first", "CREATE TABLE a (id BIGINT)"},
                             {2, "broken", "CREATE TABLE b (id BIGINT); SELECT nonsense"}};
  EXPECT_FALSE(migrate(target, steps, from_microseconds(1)));
  EXPECT_EQ(*target.schema_version(), 1);
  EXPECT_FALSE(connection->execute_script("SELECT 1 FROM b"));
  const Migration older[] = {steps[0]};
  ASSERT_TRUE(connection->execute_script("INSERT INTO schema_migrations VALUES (9, 'newer', 1)"));
  const auto refused = migrate(target, older, from_microseconds(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "schema_too_new");
}

}  // namespace
}  // namespace paylink::sql::postgres
