#include "runtime/sqlite_lane.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "base/testing.hpp"
#include "runtime/testing.hpp"
#include "sql/sqlite/testing.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using sql::sqlite::testing::FailingDisk;
using sql::sqlite::testing::NoWayBack;
using testing::patience;
using testing::TestWork;

constexpr char tables[] = R"sql(
  CREATE TABLE rows (name TEXT NOT NULL);
  CREATE TABLE counts (owner UUID, name TEXT, part SMALLINT, amount BIGINT, PRIMARY KEY (owner, name, part));
)sql";
constexpr std::string_view insert_row = "INSERT INTO rows (name) VALUES ($1)";
constexpr std::string_view count_rows = "SELECT COUNT(*) FROM rows";
constexpr std::string_view add_to_count =
    "INSERT INTO counts (owner, name, part, amount) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (owner, name, part) DO UPDATE SET amount = counts.amount + excluded.amount";
constexpr std::string_view miscounted =
    "SELECT (SELECT COUNT(*) FROM rows) - COALESCE((SELECT CAST(SUM(amount) AS BIGINT) FROM counts), 0)";
constexpr std::string_view count_named = "SELECT COUNT(*) FROM rows WHERE name = $1";
constexpr std::string_view roll_back = "ROLLBACK";
constexpr std::string_view release_own_savepoint = "RELEASE work";

// Each row is counted too.
TestWork::Step insert(std::string name) {
  return [name](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(insert_row, {name}));
    return tx.add(add_to_count, Uuid(), "rows", 1, {});
  };
}

constexpr std::string_view count_for_ever =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n";

struct Fixture {
  explicit Fixture(std::size_t queue_max = 100, Answer answer = Answer::after_commit) {
    auto connection = sql::sqlite::Connection::open(path, sql::sqlite::Mode::write);
    ENSURE(connection && (*connection)->execute_script(tables));
    auto created = SqliteLane::create({path, queue_max, 1'000, answer}, clock, random,
                                      [this](const Error& error) { fatal.set_value(error); });
    ENSURE(created.has_value());
    lane = *std::move(created);
  }
  ~Fixture() { lane.reset(); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // Keeps the lane busy until the latch is counted down, so that what is submitted meanwhile becomes one batch.
  void hold(TestWork& work) {
    lane->submit_write(work);
    while (work.runs == 0) std::this_thread::yield();
  }
  // What anybody else who opens the file sees.
  std::int64_t stored() {
    auto connection = sql::sqlite::Connection::open(path, sql::sqlite::Mode::read);
    ENSURE(connection.has_value());
    EXPECT_EQ((*connection)->query(miscounted, sql::Values{})->front().integer(0), 0);
    const auto rows = (*connection)->query(count_rows, sql::Values{});
    ENSURE(rows.has_value());
    return rows->front().integer(0);
  }
  std::int64_t read(std::string_view name) {
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

  SystemClock clock;
  SystemRandom random;
  TemporaryDirectory directory{random};
  std::string path = directory.file("lane.db");
  std::promise<Error> fatal;
  std::unique_ptr<SqliteLane> lane;
};

// What happens to a batch of three when the middle one goes wrong in some way.
TEST(SqliteLane, LetsOneWorkFailAlone) {
  struct Case {
    std::string name;
    TestWork::Step middle;
    std::string reason;
    int runs_of_others;  // 2: the batch was lost and its members ran again, one by one
  };
  const Case cases[] = {
      {"fails after it wrote",
       [](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         return fail(ErrorCode::conflict, "no", "");
       },
       "no", 1},
      {"throws after it wrote",
       [](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         throw std::runtime_error("a bug");
       },
       "bug", 1},
      {"loses the transaction, as some errors of SQLite do",
       [](sql::Transaction& tx) -> Result<> {
         TRY(tx.query(roll_back, sql::Values{}));
         return fail(ErrorCode::unavailable, "lost", "");
       },
       "lost", 2},
      {"loses the transaction and says all is well",
       [](sql::Transaction& tx) -> Result<> {
         TRY(tx.query(roll_back, sql::Values{}));
         return {};
       },
       "storage_unavailable", 2},
      {"loses its savepoint",
       [](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         TRY(tx.query(release_own_savepoint, sql::Values{}));
         return fail(ErrorCode::conflict, "no", "");
       },
       "storage_error", 2},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Fixture fixture;
    std::latch open(1);
    TestWork holder([&](sql::Transaction&) -> Result<> {
      open.wait();
      return {};
    });
    fixture.hold(holder);
    TestWork first(insert("first")), middle(c.middle), last(insert("last"));
    for (TestWork* work : {&first, &middle, &last}) fixture.lane->submit_write(*work);
    open.count_down();
    EXPECT_EQ(holder.reason(), "");
    EXPECT_EQ(first.reason(), "");
    EXPECT_EQ(middle.reason(), c.reason);
    EXPECT_EQ(last.reason(), "");
    EXPECT_EQ(first.runs, c.runs_of_others);
    EXPECT_EQ(fixture.read("first"), 1);
    EXPECT_EQ(fixture.read("middle"), 0);
    EXPECT_EQ(fixture.read("last"), 1);
    EXPECT_EQ(fixture.stored(), 2);  // and as many are counted
  }
}

TEST(SqliteLane, AnswersAfterTheCommit) {
  for (const auto& [answer, seen] : {std::pair(Answer::after_commit, 1), std::pair(Answer::before_commit, 0)}) {
    Fixture fixture(100, answer);
    TestWork work(insert("a"));
    std::int64_t seen_when_told = -1;
    work.when_done = [&] { seen_when_told = fixture.stored(); };
    fixture.lane->submit_write(work);
    EXPECT_EQ(work.reason(), "");
    EXPECT_EQ(seen_when_told, seen);
  }
}

TEST(SqliteLane, RefusesWhatDoesNotFitIntoTheQueue) {
  Fixture fixture(2);
  std::latch open(1);
  TestWork holder([&](sql::Transaction&) -> Result<> {
    open.wait();
    return {};
  });
  fixture.hold(holder);
  TestWork first(insert("1")), second(insert("2")), third(insert("3"));
  for (TestWork* work : {&first, &second, &third}) fixture.lane->submit_write(*work);
  EXPECT_EQ(third.reason(), "overloaded");  // at once, while the others wait
  EXPECT_EQ(third.runs, 0);
  open.count_down();
  EXPECT_EQ(holder.reason(), "");
  EXPECT_EQ(first.reason(), "");
  EXPECT_EQ(second.reason(), "");
}

TEST(SqliteLane, TakesAFullDiskForANo) {
  Fixture fixture;
  TestWork before(insert("before")), during(insert("during")), after(insert("after"));
  fixture.lane->submit_write(before);
  EXPECT_EQ(before.reason(), "");
  {
    const FailingDisk full(ENOSPC);
    fixture.lane->submit_write(during);
    EXPECT_EQ(during.reason(), "storage_full");
  }
  fixture.lane->submit_write(after);
  EXPECT_EQ(after.reason(), "");
  EXPECT_EQ(fixture.read("before"), 1);
  EXPECT_EQ(fixture.read("during"), 0);
  EXPECT_EQ(fixture.read("after"), 1);
}

// A work that fails, and nothing can be taken back: what it has written must not be stored with anything.
TEST(SqliteLane, StoresNothingOfWhatItCannotTakeBack) {
  for (const int others : {0, 2}) {
    SCOPED_TRACE(others);
    const Fixture first;  // the program's settings of SQLite come before anything else is asked of it
    NoWayBack way_back;
    Fixture fixture;
    std::latch open(1);
    TestWork holder([&](sql::Transaction&) -> Result<> {
      open.wait();
      return {};
    });
    fixture.hold(holder);
    TestWork half([](sql::Transaction& tx) -> Result<> {
      TRY(insert("half")(tx));
      return fail(ErrorCode::unavailable, "no_memory", "");
    });
    std::vector<std::unique_ptr<TestWork>> crowd;
    for (int i = 0; i < others; ++i) crowd.push_back(std::make_unique<TestWork>(insert("whole")));
    way_back.bar();
    fixture.lane->submit_write(half);
    for (auto& work : crowd) fixture.lane->submit_write(*work);
    open.count_down();
    EXPECT_NE(half.reason(), "");
    for (auto& work : crowd) EXPECT_NE(work->reason(), "");
    EXPECT_EQ(fixture.stored(), 0);
    way_back.open();
    TestWork after(insert("after"));
    fixture.lane->submit_write(after);
    EXPECT_EQ(after.reason(), "");
    EXPECT_EQ(fixture.stored(), 1);
  }
}

TEST(SqliteLane, TellsNobodyAnythingAboutACommitItIsNotSureOf) {
  Fixture fixture;
  TestWork work(insert("a"));
  {
    const FailingDisk broken(EIO);
    fixture.lane->submit_write(work);
    auto fatal = fixture.fatal.get_future();
    ASSERT_EQ(fatal.wait_for(patience), std::future_status::ready);
    EXPECT_EQ(fatal.get().reason, "storage_unavailable");
  }
  EXPECT_FALSE(work.wait(50ms).has_value());
}

TEST(SqliteLane, RunsWhatWaitsBeforeItEnds) {
  Fixture fixture;
  std::vector<std::unique_ptr<TestWork>> works;
  for (int i = 0; i < 50; ++i) {
    works.push_back(std::make_unique<TestWork>(insert("a")));
    fixture.lane->submit_write(*works.back());
  }
  fixture.lane.reset();
  for (auto& work : works) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(fixture.stored(), 50);
}

TEST(SqliteLane, SharesASnapshotOnlyUntilSomethingIsCommitted) {
  Fixture fixture;
  fixture.lane->hold_reads();
  EXPECT_EQ(fixture.read("a"), 0);
  TestWork work(insert("a"));
  fixture.lane->submit_write(work);
  EXPECT_EQ(work.reason(), "");
  EXPECT_EQ(fixture.read("a"), 1);  // a client reads what it was told is written
  fixture.lane->release_reads();
  EXPECT_EQ(fixture.read("a"), 1);
}

TEST(SqliteLane, ReadsThatFailLeaveTheNextOnesUnharmed) {
  Fixture fixture;
  fixture.lane->hold_reads();
  TestWork bug([](sql::Transaction&) -> Result<> { throw std::runtime_error("a bug"); });
  TestWork writes(insert("a"));
  fixture.lane->submit_read(bug);
  fixture.lane->submit_read(writes);
  EXPECT_EQ(bug.reason(), "bug");
  EXPECT_NE(writes.reason(), "");  // reads cannot write
  EXPECT_EQ(fixture.read("a"), 0);
  fixture.lane->release_reads();
}

TEST(SqliteLane, EndsReadsThatTakeTooLong) {
  Fixture fixture;
  SqliteLaneOptions options{.path = fixture.path, .read_statement_time = std::chrono::milliseconds(30)};
  auto created = SqliteLane::create(options, fixture.clock, fixture.random, [](const Error&) {});
  ASSERT_TRUE(created.has_value());
  fixture.lane = *std::move(created);
  TestWork endless([](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(count_for_ever, {std::int64_t{1'000'000'000'000}}));
    return {};
  });
  fixture.lane->submit_slow_read(endless);
  EXPECT_EQ(endless.reason(), "storage_unavailable");
  EXPECT_EQ(fixture.read("a"), 0);
}

// Slow reads see what was answered before they were asked for, and no other read waits for them.
TEST(SqliteLane, RunsSlowReadsOnThreadsOfTheirOwn) {
  Fixture fixture;
  TestWork write(insert("a"));
  fixture.lane->submit_write(write);
  EXPECT_EQ(write.reason(), "");
  std::latch open(1);
  std::atomic<std::int64_t> seen = 0;
  std::atomic<int> elsewhere = 0;
  const auto caller = std::this_thread::get_id();
  const auto look = [&](sql::Transaction& tx) -> Result<> {
    const auto rows = TRY(tx.query(count_rows, sql::Values{}));
    seen += rows.front().integer(0);
    elsewhere += std::this_thread::get_id() != caller;
    open.wait();
    return {};
  };
  std::vector<std::unique_ptr<TestWork>> works;
  for (int i = 0; i < 5; ++i) {
    works.push_back(std::make_unique<TestWork>(look));
    fixture.lane->submit_slow_read(*works.back());
  }
  EXPECT_EQ(fixture.read("a"), 1);
  open.count_down();
  for (auto& work : works) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(seen, 5);
  EXPECT_EQ(elsewhere, 5);
}

TEST(SqliteLane, ServesManyThreads) {
  constexpr int threads = 4, each = 300;
  Fixture fixture(threads);
  std::vector<std::thread> crowd;
  std::atomic<int> stored{0}, refused{0};
  for (int t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        TestWork work(i % 5 == 4 ? [](sql::Transaction& tx) -> Result<> {
          TRY(insert("refused")(tx));
          return fail(ErrorCode::conflict, "no", "");
        } : insert(name));
        fixture.lane->submit_write(work);
        const std::string reason = work.reason();
        ++(reason.empty() ? stored : refused);
        if (!reason.empty()) continue;
        EXPECT_EQ(fixture.read(name), 1);
      }
    });
  }
  for (auto& thread : crowd) thread.join();
  EXPECT_EQ(stored + refused, threads * each);
  EXPECT_EQ(stored, threads * each * 4 / 5);
  EXPECT_EQ(fixture.stored(), stored);
}

}  // namespace
}  // namespace paylink::runtime
