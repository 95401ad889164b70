#include "sql/sqlite/connection.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/testing.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/sqlite/testing.hpp"

namespace paylink::sql::sqlite {
namespace {

using testing::FailingDisk;
using testing::NoWayBack;

std::unique_ptr<Connection> open(const std::string& path, Mode mode = Mode::write) {
  auto connection = Connection::open(path, mode);
  ENSURE(connection.has_value());
  return *std::move(connection);
}

std::int64_t count(Connection& connection) {
  static constexpr std::string_view statement = "SELECT COUNT(*) FROM t";
  const auto rows = connection.query(statement, Values{});
  ENSURE(rows.has_value());
  return rows->front().integer(0);
}

TEST(SqliteConnection, BringsBackWhatWasStored) {
  const auto connection = open(":memory:");
  SystemRandom random;
  const Uuid uuid = Uuid::v4(random);
  const std::string bytes("a\0b\xFF", 4);
  static constexpr std::string_view select = "SELECT $1, $2, $3, $4, $5, $6, $7, $8";
  const Value values[] = {std::int64_t{std::numeric_limits<std::int64_t>::min()},
                          std::int64_t{std::numeric_limits<std::int64_t>::max()},
                          std::string_view("žluťoučký \u20AC"),
                          std::string_view(),
                          Blob{bytes},
                          uuid,
                          Null{},
                          from_microseconds(1'710'925'200'000'001)};
  const auto rows = connection->query(select, values);
  ASSERT_TRUE(rows && rows->size() == 1);
  const auto row = rows->front();
  EXPECT_EQ(row.integer(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(row.integer(1), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(row.text(2), "žluťoučký \u20AC");
  EXPECT_FALSE(row.is_null(3));
  EXPECT_EQ(row.text(3), "");
  EXPECT_EQ(row.text(4), bytes);
  EXPECT_EQ(row.uuid(5), uuid);
  EXPECT_TRUE(row.is_null(6));
  EXPECT_EQ(row.time(7), from_microseconds(1'710'925'200'000'001));
}

TEST(SqliteConnection, TakesParametersByTheirNumber) {
  const auto connection = open(":memory:");
  static constexpr std::string_view backwards = "SELECT $2, $1, $2";
  const Value values[] = {std::string_view("one"), std::string_view("two")};
  const auto rows = connection->query(backwards, values);
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->front().text(0), "two");
  EXPECT_EQ(rows->front().text(1), "one");
  EXPECT_EQ(rows->front().text(2), "two");
}

TEST(SqliteConnection, ReadsAColumnAsWhatItIs) {
  const auto connection = open(":memory:");
  static constexpr std::string_view select = "SELECT 1, 'x'";
  const auto rows = connection->query(select, Values{});
  ASSERT_TRUE(rows.has_value());
  EXPECT_THROW((void)rows->front().text(0), BrokenInvariant);
  EXPECT_THROW((void)rows->front().integer(1), BrokenInvariant);
}

// A bug found while a row is read, or before all parameters are there, must not spoil the statement for the next one.
TEST(SqliteConnection, StartsAfreshAfterABug) {
  const auto connection = open(":memory:");
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id, x); INSERT INTO t VALUES (1, 1), (2, 1.5), (3, 3)"));
  static constexpr std::string_view select = "SELECT id, x FROM t WHERE id >= $1 ORDER BY id";
  const Value all[] = {std::int64_t{1}};
  EXPECT_THROW((void)connection->query(select, all), BrokenInvariant);  // no column of ours holds 1.5
  ASSERT_TRUE(connection->execute_script("UPDATE t SET x = 2 WHERE id = 2"));
  EXPECT_THROW((void)connection->query(select, Values{}), BrokenInvariant);
  const auto rows = connection->query(select, all);
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ(rows->front().integer(0), 1);
}

TEST(SqliteTransaction, RunsWhatIsDeferredAtOnce) {
  SystemRandom random;
  const auto connection = open(":memory:");
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(connection->begin());
  SqliteTransaction tx(*connection, from_microseconds(7), random);
  static constexpr std::string_view insert = "INSERT INTO t VALUES ($1)";
  EXPECT_EQ(tx.now(), from_microseconds(7));
  ASSERT_TRUE(tx.defer(insert, {1}));
  EXPECT_EQ(count(*connection), 1);
  const auto again = tx.defer(insert, {1});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().reason, "already_exists");  // told by the statement itself, not by the commit
  connection->roll_back();
  EXPECT_EQ(count(*connection), 0);
}

// One writer: whoever is inside may decide, and a claim leaves no trace for the next transaction.
TEST(SqliteTransaction, MayClaimAnyKey) {
  SystemRandom random;
  const auto connection = open(":memory:");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(connection->begin());
    SqliteTransaction tx(*connection, Time{}, random);
    for (const std::string_view key : {"a", "a", ""}) {
      const auto claimed = tx.try_claim(key);
      ASSERT_TRUE(claimed.has_value());
      EXPECT_TRUE(*claimed);
    }
    EXPECT_EQ(connection->commit(), Commit::done);
  }
}

TEST(SqliteConnection, TellsWhatWentWrong) {
  struct Case {
    std::string name;
    std::string_view statement;
    ErrorCode code;
    std::string reason;
  };
  const auto connection = open(":memory:");
  ASSERT_TRUE(
      connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                                 "INSERT INTO t VALUES (1, 'a')"));
  const Case cases[] = {
      {"the same key", "INSERT INTO t VALUES (1, 'b')", ErrorCode::conflict, "already_exists"},
      {"the same unique value", "INSERT INTO t VALUES (2, 'a')", ErrorCode::conflict, "already_exists"},
      {"a null where none may be", "INSERT INTO t VALUES (3, NULL)", ErrorCode::internal, "constraint"},
      {"no such table", "SELECT 1 FROM absent", ErrorCode::internal, "storage_error"},
      {"no SQL", "SELEKT 1", ErrorCode::internal, "storage_error"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto rows = connection->query(c.statement, Values{});
    ASSERT_FALSE(rows.has_value());
    EXPECT_EQ(rows.error().code, c.code);
    EXPECT_EQ(rows.error().reason, c.reason);
  }
  EXPECT_EQ(count(*connection), 1);
}

TEST(SqliteConnection, TakesBackASavepointAlone) {
  const auto connection = open(":memory:");
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  ASSERT_TRUE(connection->begin());
  ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(connection->savepoint());
  ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (2)"));
  ASSERT_TRUE(connection->roll_back_to());
  ASSERT_TRUE(connection->savepoint());
  ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (3)"));
  ASSERT_TRUE(connection->release());
  EXPECT_TRUE(connection->in_transaction());
  EXPECT_EQ(connection->commit(), Commit::done);
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(count(*connection), 2);
}

TEST(SqliteConnection, KnowsWhatACommitCameTo) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  const auto connection = open(path);
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  for (const auto& [error, outcome] : {std::pair(ENOSPC, Commit::refused), std::pair(EIO, Commit::unknown)}) {
    ASSERT_TRUE(connection->begin());
    ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (1)"));
    const FailingDisk disk(error);
    EXPECT_EQ(connection->commit(), outcome);
    EXPECT_FALSE(connection->last_error().detail.empty());
    connection->roll_back();
  }
  EXPECT_EQ(count(*open(path, Mode::read)), 0);
}

// Where what a write that failed did not write was there from before, as on file systems that copy what they change.
TEST(SqliteConnection, IsNotSureOfACommitThatIsThereAllTheSame) {
  using Written = FailingDisk::Written;
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db"), left = directory.file("left.db");
  auto connection = open(path);
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  enum class Log : std::uint8_t { goes_on, begins_anew, is_new };
  for (const Log log : {Log::goes_on, Log::begins_anew, Log::is_new}) {
    SCOPED_TRACE(static_cast<int>(log));
    if (log == Log::begins_anew) ENSURE(*connection->restart_log(std::chrono::milliseconds(0)));
    if (log == Log::is_new) {
      connection.reset();
      connection = open(path);
    }
    std::vector<Commit> outcomes;
    for (int first = 1; outcomes.empty() || outcomes.back() == Commit::refused; ++first) {
      ASSERT_LT(first, 20);
      ASSERT_TRUE(connection->begin());
      ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (1)"));
      {
        const FailingDisk full(ENOSPC, first, Written::all);
        outcomes.push_back(connection->commit());
      }
      connection->roll_back();
      for (const std::string suffix : {"", "-wal"})
        std::filesystem::copy_file(path + suffix, left + suffix, std::filesystem::copy_options::overwrite_existing);
      EXPECT_EQ(count(*open(left)), outcomes.back() == Commit::refused ? 0 : 1) << first;
    }
    EXPECT_EQ(outcomes.back(), Commit::unknown);
    EXPECT_EQ(connection->last_error().reason, "storage_unavailable");  // `storage_full` is a no
    EXPECT_GT(outcomes.size(), 2U);
  }
}

// Its frames are still there when it begins anew, and in them commits that are not this one.
TEST(SqliteConnection, KnowsACommitFromThoseOfTheLogBefore) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  const auto connection = open(path);
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY); PRAGMA wal_checkpoint(PASSIVE)"));
  ASSERT_TRUE(connection->begin());
  ASSERT_TRUE(connection->execute_script("INSERT INTO t VALUES (1)"));
  const FailingDisk full(ENOSPC);
  EXPECT_EQ(connection->commit(), Commit::refused);
  EXPECT_EQ(connection->last_error().reason, "storage_full");
}

// Whoever locks beside a file must mean the same one.
TEST(SqliteConnection, TakesAPathAsItStands) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  ASSERT_TRUE(open(directory.file("t.db"))->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  const auto named = Connection::open("file:" + directory.file("t.db"), Mode::read);
  EXPECT_FALSE(named.has_value());
}

TEST(SqliteConnection, ReadsOneSnapshot) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  const auto writer = open(path);
  ASSERT_TRUE(writer->execute_script("CREATE TABLE t (id BIGINT PRIMARY KEY)"));
  const auto reader = open(path, Mode::read);
  ASSERT_TRUE(reader->begin());
  EXPECT_EQ(count(*reader), 0);
  ASSERT_TRUE(writer->execute_script("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(count(*reader), 0);
  EXPECT_EQ(reader->commit(), Commit::done);
  EXPECT_EQ(count(*reader), 1);
  EXPECT_FALSE(reader->execute_script("INSERT INTO t VALUES (2)"));
}

TEST(SqliteConnection, EndsAStatementThatTakesTooLong) {
  using namespace std::chrono_literals;
  const auto connection = open(":memory:");
  connection->limit_statements(30ms);
  static constexpr std::string_view endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n";
  const Value values[] = {std::int64_t{1'000'000'000'000}}, few[] = {std::int64_t{10'000}};
  for (int round = 0; round < 2; ++round) {
    const auto begun = std::chrono::steady_clock::now();
    const auto counted = connection->query(endless, values);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    ASSERT_FALSE(counted.has_value());
    EXPECT_EQ(counted.error().reason, "storage_unavailable");
    // Each has its own time.
    const auto counted_few = connection->query(endless, few);
    ASSERT_TRUE(counted_few.has_value());
    EXPECT_EQ(counted_few->front().integer(0), 10'000);
  }
}

TEST(SqliteConnection, SurvivesPowerCutsByItsSettings) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const auto connection = open(directory.file("t.db"));
  static constexpr std::string_view journal = "PRAGMA journal_mode", synchronous = "PRAGMA synchronous";
  EXPECT_EQ(connection->query(journal, Values{})->front().text(0), "wal");
  EXPECT_EQ(connection->query(synchronous, Values{})->front().integer(0), 2);  // FULL
}

// Of a file that was made before nothing changes.
TEST(SqliteConnection, MakesFilesThatCanShrink) {
  constexpr std::string_view vacuum = "PRAGMA auto_vacuum";
  constexpr std::int64_t none = 0, incremental = 2;
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string fresh = directory.file("fresh.db"), old = directory.file("old.db");
  ASSERT_TRUE(open(fresh)->execute_script("CREATE TABLE t (id BIGINT)"));
  sqlite3* made_before = nullptr;
  ASSERT_EQ(sqlite3_open(old.c_str(), &made_before), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(made_before, "CREATE TABLE t (id BIGINT)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(made_before);
  for (const auto& [path, mode] : {std::pair(fresh, incremental), std::pair(old, none)}) {
    const auto connection = open(path);
    EXPECT_EQ(connection->query(vacuum, Values{})->front().integer(0), mode) << path;
    EXPECT_EQ(count(*connection), 0);
  }
}

TEST(SqliteConnection, BeginsItsLogAnewOnceNobodyReadsFromIt) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  const auto memory = open(":memory:"), writer = open(path), reader = open(path, Mode::read);
  const auto log_bytes = [&] { return *writer->log_bytes(); };
  EXPECT_EQ(*memory->log_bytes(), 0);
  ASSERT_TRUE(writer->execute_script("CREATE TABLE t (id BLOB)"));
  ASSERT_TRUE(reader->begin());
  EXPECT_EQ(count(*reader), 0);
  ASSERT_TRUE(writer->execute_script("INSERT INTO t VALUES (zeroblob(20000000))"));
  EXPECT_GT(log_bytes(), log_bytes_max);
  const auto refused = writer->restart_log(std::chrono::milliseconds(5));
  ASSERT_TRUE(refused.has_value());
  EXPECT_FALSE(*refused);
  EXPECT_EQ(reader->commit(), Commit::done);
  {
    const FailingDisk broken(EIO);
    const auto failed = writer->restart_log(std::chrono::milliseconds(5));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().reason, "storage_unavailable");
  }
  EXPECT_TRUE(*writer->restart_log(std::chrono::milliseconds(5)));
  EXPECT_EQ(log_bytes(), 0);  // what was needed once is given back
  ASSERT_TRUE(writer->execute_script("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(count(*writer), 2);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SqliteConnection, StoresALogAgainAsItIs) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db"), left = directory.file("left.db");
  const auto connection = open(path);
  EXPECT_TRUE(connection->store_log_again());  // there is nothing yet
  ASSERT_TRUE(connection->execute_script("CREATE TABLE t (id BLOB); INSERT INTO t VALUES (randomblob(2500000))"));
  EXPECT_GT(std::filesystem::file_size(path + "-wal"), 2'500'000U);  // more than is written at once
  for (const std::string suffix : {"", "-wal"}) std::filesystem::copy_file(path + suffix, left + suffix);
  const auto after = open(left);
  {
    const FailingDisk broken(EIO);
    const auto stored = after->store_log_again();
    ASSERT_FALSE(stored.has_value());
    EXPECT_EQ(stored.error().reason, "storage_unavailable");
  }
  EXPECT_TRUE(after->store_log_again());
  EXPECT_EQ(bytes_of(left + "-wal"), bytes_of(path + "-wal"));
  EXPECT_EQ(count(*after), 1);
}

// A start that goes on with that connection would keep the lock from everybody, for good.
TEST(SqliteConnection, SaysSoWhenItCannotLetGoOfTheLog) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  open(":memory:");  // the program's settings of SQLite come before anything else is asked of it
  {
    NoWayBack way_back;
    const auto connection = open(path);
    way_back.bar();
    EXPECT_FALSE(connection->store_log_again());
  }
  const auto connection = open(path);
  EXPECT_TRUE(connection->store_log_again());
  ASSERT_TRUE(connection->begin());
  EXPECT_EQ(connection->commit(), Commit::done);
}

// Whoever else has the file open: those who read see nothing of it, and nobody writes meanwhile.
TEST(SqliteConnection, StoresALogAgainBesideOthers) {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("t.db");
  open(":memory:");  // the program's settings of SQLite come before anything else is asked of it
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const auto connection = open(path);
    const bool is_reading =
        connection
            ->execute_script("CREATE TABLE t (id BIGINT); INSERT INTO t VALUES (1); BEGIN; SELECT COUNT(*) FROM t")
            .has_value();
    if (!is_reading || ::write(told[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char word = 0;
  ::close(told[1]);
  EXPECT_EQ(::read(told[0], &word, 1), 1);
  const auto connection = open(path);
  {
    const FailingDisk broken(EIO);
    EXPECT_FALSE(connection->store_log_again());
  }
  EXPECT_TRUE(connection->store_log_again());
  const auto writer = open(path);
  ASSERT_TRUE(writer->begin());
  const auto hindered = connection->store_log_again();
  ASSERT_FALSE(hindered.has_value());
  EXPECT_EQ(hindered.error().reason, "storage_unavailable");
  writer->roll_back();
  EXPECT_TRUE(connection->store_log_again());
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  ::close(told[0]);
}

TEST(SqliteConnection, FailsToOpenWhatCannotBe) {
  const auto connection = Connection::open("/nonexistent/dir/t.db", Mode::write);
  ASSERT_FALSE(connection.has_value());
  EXPECT_EQ(connection.error().reason, "storage_unavailable");
}

class MigrationTest : public ::testing::Test {
 protected:
  static constexpr Migration first{1, "first", "CREATE TABLE a (id BIGINT)"};
  static constexpr Migration second{2, "second", "CREATE TABLE b (id BIGINT); INSERT INTO b VALUES (7)"};
  static constexpr Migration broken{2, "broken", "CREATE TABLE b (id BIGINT); INSERT INTO nowhere VALUES (7)"};

  Result<int> migrate_with(std::vector<Migration> migrations) {
    SqliteMigrationTarget target(*connection);
    return migrate(target, migrations, Time{});
  }
  bool has_table(std::string_view name) {
    static constexpr std::string_view statement = "SELECT COUNT(*) FROM sqlite_master WHERE name = $1";
    const Value values[] = {name};
    return connection->query(statement, values)->front().integer(0) == 1;
  }

  std::unique_ptr<Connection> connection = open(":memory:");
};

TEST_F(MigrationTest, AppliesWhatIsMissingOnce) {
  ASSERT_TRUE(migrate_with({first}));
  ASSERT_TRUE(migrate_with({first, second}));
  EXPECT_TRUE(migrate_with({first, second}));  // would fail if run again
  EXPECT_TRUE(has_table("b"));
}

TEST_F(MigrationTest, LeavesNothingOfOneThatFails) {
  ASSERT_FALSE(migrate_with({first, broken}));
  EXPECT_TRUE(has_table("a"));
  EXPECT_FALSE(has_table("b"));
  EXPECT_TRUE(migrate_with({first, second}));
}

TEST_F(MigrationTest, RefusesANewerSchema) {
  ASSERT_TRUE(migrate_with({first, second}));
  const auto older = migrate_with({first});
  ASSERT_FALSE(older.has_value());
  EXPECT_EQ(older.error().reason, "schema_too_new");
}

}  // namespace
}  // namespace paylink::sql::sqlite
