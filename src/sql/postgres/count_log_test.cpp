#include "sql/postgres/count_log.hpp"

#include <gtest/gtest.h>

#include "sql/migration.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view add_to_count =
    "INSERT INTO counts (owner, name, part, amount) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (owner, name, part) DO UPDATE SET amount = counts.amount + excluded.amount";

struct Fixture {
  Fixture() {
    PostgresMigrationTarget target(*connection);
    EXPECT_TRUE(migrate(target, {}, SystemClock().now()).has_value());
    run("CREATE TABLE counts (owner UUID, name TEXT, part SMALLINT, amount BIGINT, PRIMARY KEY (owner, name, part))");
  }
  void run(const std::string& script) { ASSERT_TRUE(connection->execute_script(script).has_value()); }
  template <class Step>
  void write(Connection& where, const Uuid& whose, const Step& step) {
    ASSERT_TRUE(where.begin());
    PostgresTransaction tx(where, {}, random);
    ASSERT_TRUE(tx.enter(Tenant::organization(whose)));
    ASSERT_TRUE(step(tx));
    ASSERT_EQ(where.commit(), Commit::done);
  }
  void add(Connection& where, const Uuid& whose, std::string_view name, std::int64_t amount, const Entry& what) {
    write(where, whose, [&](Transaction& tx) { return tx.add(add_to_count, whose, name, amount, what); });
  }
  void follow(const Uuid& whose) {
    write(*connection, whose, [&](Transaction& tx) { return tx.follow_counts(whose).has_value(); });
  }
  // In a transaction of its own that reads.
  CountChanges read(const Uuid& whose, const std::optional<Snapshot>& since) {
    EXPECT_TRUE(connection->begin_read());
    auto changes = read_on(whose, since);
    connection->end_read();
    return changes;
  }
  CountChanges read_on(const Uuid& whose, const std::optional<Snapshot>& since) {
    PostgresTransaction tx(*connection, {}, random);
    EXPECT_TRUE(tx.enter(Tenant::organization(whose)));
    auto changes = tx.count_changes(whose, since);
    EXPECT_TRUE(changes && *changes);
    return **std::move(changes);
  }
  std::int64_t number(std::string_view statement) {
    EXPECT_TRUE(connection->begin());
    EXPECT_TRUE(connection->set_tenant("*"));
    const Rows rows = *connection->query(statement, {});
    connection->roll_back();
    return rows.front().integer(0);
  }
  Result<int> purge(int limit) {
    TRY(connection->begin());
    PostgresTransaction tx(*connection, {}, random);
    TRY(tx.enter(Tenant::everybody()));
    const int purged = TRY(count_log::purge(limit, tx));
    EXPECT_EQ(connection->commit(), Commit::done);
    return purged;
  }

  testing::Schema schema;
  SystemRandom random;
  std::unique_ptr<Connection> connection = testing::connect(schema.url()), other = testing::connect(schema.url());
  Uuid ours = Uuid::v4(random), theirs = Uuid::v4(random);
  Entry entry{Uuid::v4(random), {-3, INT64_MAX}};
};

TEST(CountLog, TellsOfWhatOthersAdd) {
  NEEDS_SERVER();
  Fixture test;
  test.add(*test.other, test.ours, "open", 1, test.entry);  // and nobody asked for it
  test.follow(test.ours);
  const Snapshot first = test.read(test.ours, {}).snapshot;
  test.write(*test.other, test.ours, [&](Transaction& tx) -> Result<> {
    TRY(tx.add(add_to_count, test.ours, "open", -1, test.entry));
    TRY(tx.add(add_to_count, test.theirs, "open", 7, test.entry));
    return tx.add(add_to_count, test.ours, "paid", 1, test.entry);
  });
  const CountChanges second = test.read(test.ours, first);
  ASSERT_EQ(second.changes.size(), 2U);
  EXPECT_EQ(second.changes[0].name, "open");
  EXPECT_EQ(second.changes[0].amount, -1);
  EXPECT_EQ(second.changes[0].entry.id, test.entry.id);
  EXPECT_EQ(second.changes[0].entry.keys, test.entry.keys);
  EXPECT_EQ(second.changes[1].name, "paid");
  EXPECT_EQ(second.changes[1].transaction, second.changes[0].transaction);
  EXPECT_TRUE(second.snapshot.sees(second.changes[0].transaction));
  EXPECT_FALSE(first.sees(second.changes[0].transaction));
  EXPECT_TRUE(test.read(test.ours, second.snapshot).changes.empty());
  EXPECT_TRUE(test.read(test.theirs, first).changes.empty());  // nobody follows them
}

TEST(CountLog, TellsWhichServerItIsOf) {
  NEEDS_SERVER();
  Fixture test;
  const Snapshot first = test.read(test.ours, {}).snapshot;
  EXPECT_TRUE(test.read(test.ours, first).snapshot.is_of_server_of(first));
  EXPECT_FALSE(first.is_of_server_of(Snapshot(1, 1, {})));
}

// Somebody who writes for long neither hides what others write meanwhile nor is forgotten.
TEST(CountLog, TellsOfTransactionsInTheOrderTheyEnd) {
  NEEDS_SERVER();
  Fixture test;
  test.follow(test.ours);
  const Snapshot before = test.read(test.ours, {}).snapshot;
  ASSERT_TRUE(test.other->begin());
  PostgresTransaction slow(*test.other, {}, test.random);
  ASSERT_TRUE(slow.enter(Tenant::organization(test.ours)));
  ASSERT_TRUE(slow.query("SELECT pg_current_xact_id()::text", {}));
  ASSERT_TRUE(slow.add(add_to_count, test.ours, "slow", 1, test.entry));
  test.add(*test.connection, test.ours, "quick", 1, test.entry);
  const CountChanges meanwhile = test.read(test.ours, before);
  ASSERT_EQ(meanwhile.changes.size(), 1U);
  EXPECT_EQ(meanwhile.changes[0].name, "quick");
  // A reader goes on seeing what he saw when he began.
  ASSERT_TRUE(test.connection->begin_read());
  EXPECT_EQ(test.read_on(test.ours, before).changes.size(), 1U);
  ASSERT_EQ(test.other->commit(), Commit::done);
  EXPECT_EQ(test.read_on(test.ours, before).changes.size(), 1U);
  test.connection->end_read();
  const CountChanges after = test.read(test.ours, meanwhile.snapshot);
  ASSERT_EQ(after.changes.size(), 1U);
  EXPECT_EQ(after.changes[0].name, "slow");
  EXPECT_TRUE(after.snapshot.sees_all_of(meanwhile.snapshot));
  EXPECT_FALSE(meanwhile.snapshot.sees_all_of(after.snapshot));
}

TEST(CountLog, IsKeptForTenMinutes) {
  NEEDS_SERVER();
  Fixture test;
  const std::string set_tenant = "SELECT set_config('paylink.tenant', '*', true); ";
  const auto age = [&](int seconds) {
    const std::string earlier = " - " + std::to_string(seconds) + " * CAST(1000000 AS BIGINT)";
    test.run(set_tenant + "UPDATE count_followers SET followed_at = followed_at" + earlier +
             "; UPDATE count_changes SET logged_at = logged_at" + earlier);
  };
  test.follow(test.ours);
  age(590);
  for (int i = 0; i < 3; ++i) test.add(*test.connection, test.ours, "open", 1, test.entry);
  EXPECT_EQ(test.number("SELECT COUNT(*) FROM count_changes"), 3);
  EXPECT_EQ(*test.purge(10), 0);
  age(20);
  test.add(*test.connection, test.ours, "open", 1, test.entry);
  EXPECT_EQ(test.number("SELECT COUNT(*) FROM count_changes"), 3);  // nobody follows any more
  EXPECT_EQ(*test.purge(10), 1);
  EXPECT_EQ(test.number("SELECT COUNT(*) FROM count_followers"), 0);
  age(590);
  EXPECT_EQ(*test.purge(2), 2);
  EXPECT_EQ(*test.purge(2), 1);
  EXPECT_EQ(test.number("SELECT COUNT(*) FROM count_changes"), 0);
  test.follow(test.ours);
  test.add(*test.connection, test.ours, "open", 1, test.entry);
  EXPECT_EQ(test.number("SELECT COUNT(*) FROM count_changes"), 1);
}

// What is too much to read is not read, and shows in the counts.
TEST(CountLog, IsReadWithinItsBounds) {
  NEEDS_SERVER();
  Fixture test;
  test.follow(test.ours);
  const Snapshot before = test.read(test.ours, {}).snapshot;
  for (int i = 0; i < 3; ++i)
    test.write(*test.connection, test.ours, [&](Transaction& tx) -> Result<> {
      for (int j = 0; j < 30'000; ++j) TRY(tx.add(add_to_count, test.ours, "open", 1, test.entry));
      return {};
    });
  EXPECT_EQ(test.read(test.ours, before).changes.size(), 60'000U);
}

}  // namespace
}  // namespace paylink::sql::postgres
