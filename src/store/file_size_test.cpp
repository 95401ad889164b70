#include <gtest/gtest.h>

#include <filesystem>

#include "base/ensure.hpp"
#include "base/testing.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/sqlite/upkeep.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/migrations.hpp"
#include "store/organizations.hpp"

// How large SQLite's file gets while what is old is deleted and new comes.
namespace paylink::store {
namespace {

using namespace std::chrono_literals;

constexpr int answers_of_a_month = 1'500;
constexpr int chunk = 500;
constexpr std::int64_t mebibyte = 1 << 20;

class FileSizeTest : public ::testing::Test {
 protected:
  FileSizeTest() {
    auto opened = sql::sqlite::Connection::open(path, sql::sqlite::Mode::write);
    ENSURE(opened.has_value());
    connection = *std::move(opened);
    sql::sqlite::SqliteMigrationTarget target(*connection);
    ENSURE(sql::migrate(target, migrations(), clock.now()).has_value());
    write([&](sql::Transaction& tx) -> Result<int> {
      TRY(Organizations(tx).insert({ours, "ours", "Ours"}));
      return 0;
    });
  }

  int write(const std::function<Result<int>(sql::Transaction&)>& step) {
    ENSURE(connection->begin().has_value());
    sql::sqlite::SqliteTransaction tx(*connection, clock.now(), random);
    const auto done = step(tx);
    EXPECT_TRUE(done.has_value());
    EXPECT_EQ(connection->commit(), sql::sqlite::Commit::done);
    return done ? *done : 0;
  }
  // Stored answers of 4 KB, and an event with each.
  void live_a_month() {
    for (int made = 0; made < answers_of_a_month; made += chunk) {
      write([&](sql::Transaction& tx) -> Result<int> {
        for (int i = 0; i < chunk; ++i) {
          const std::string key = Uuid::v4(random).text();
          TRY(IdempotencyKeys(tx).put(ours, key, {"print", 201, std::string(4'000, 'a'), tx.now()}));
          TRY(Events(tx).add_outbox(ours, "payment_link.created", std::string(500, 'e')));
        }
        return chunk;
      });
    }
    clock.advance(31 * 24h);
  }
  int purge() {
    return write([&](sql::Transaction& tx) -> Result<int> {
      const int keys = TRY(IdempotencyKeys(tx).purge(tx.now() - 30 * 24h, chunk));
      const int events = TRY(Events(tx).purge_outbox(tx.now() - 7 * 24h, chunk));
      return keys + events;
    });
  }
  int give_back() {
    return write(
        [](sql::Transaction& tx) -> Result<int> { return TRY(sql::sqlite::give_back_free_pages(tx)) ? 1 : 0; });
  }
  // Whether a job has nothing more to do some time.
  static bool ends(const std::function<int()>& look) {
    for (int turn = 0; turn < 1'000; ++turn)
      if (look() == 0) return true;
    return false;
  }
  std::int64_t bytes() {
    EXPECT_TRUE(*connection->restart_log(1s));
    return static_cast<std::int64_t>(std::filesystem::file_size(path));
  }

  ManualClock clock;
  SystemRandom random;
  TemporaryDirectory directory{random};
  const std::string path = directory.file("paylink.db");
  const OrganizationId ours = OrganizationId::create(clock.now(), random);
  std::unique_ptr<sql::sqlite::Connection> connection;
};

TEST_F(FileSizeTest, StaysThatOfAMonthAndShrinksAfterIt) {
  live_a_month();
  const std::int64_t month = bytes();
  EXPECT_GT(month, 7 * mebibyte);
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    EXPECT_TRUE(ends([&] { return purge(); }));
    EXPECT_TRUE(ends([&] { return give_back(); }));
    EXPECT_LT(bytes(), 6 * mebibyte);  // what stays for what comes next is 4 MiB
    live_a_month();
    EXPECT_LT(bytes(), month + month / 10);
  }
}

}  // namespace
}  // namespace paylink::store
