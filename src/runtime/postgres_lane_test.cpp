#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "runtime/testing_postgres.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using testing::TestWork;
using testing::postgres::count_rows;
using testing::postgres::Fixture;
using testing::postgres::increment;
using testing::postgres::insert;
using testing::postgres::insert_name;
using testing::postgres::insert_row;
using testing::postgres::lock_counter;
using testing::postgres::submit;
using testing::postgres::submit_reads;
using testing::postgres::update_counter;

// What happens to a batch of three when the middle one goes wrong in some way.
TEST(PostgresLane, LetsOneWorkFailAlone) {
  NEEDS_SERVER();
  struct Case {
    std::string name;
    TestWork::Step middle;
    std::string reason;
    int runs_of_others;  // 2: the batch was lost and its members ran again, one by one
  };
  const auto refused = [] { return fail(ErrorCode::conflict, "no", ""); };
  const Case cases[] = {
      {"nothing is wrong", insert("middle"), "", 1},
      {"fails before it writes", [&](sql::Transaction&) -> Result<> { return refused(); }, "no", 1},
      {"fails after it has read",
       [&](sql::Transaction& tx) -> Result<> {
         TRY(tx.query(count_rows, {}));
         return refused();
       },
       "no", 1},
      {"fails after it wrote",
       [&](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         return refused();
       },
       "no", 2},
      {"fails after it wrote without waiting",
       [&](sql::Transaction& tx) -> Result<> {
         TRY(tx.defer(insert_row, {"middle"}));
         return refused();
       },
       "no", 2},
      {"throws", [](sql::Transaction&) -> Result<> { throw std::runtime_error("a bug"); }, "bug", 1},
      {"throws after it wrote",
       [](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         throw std::runtime_error("a bug");
       },
       "bug", 2},
      {"writes what is there already",
       [](sql::Transaction& tx) -> Result<> {
         TRY(tx.query(insert_name, {"taken"}));
         return insert("middle")(tx);
       },
       "already_exists", 2},
      {"writes what is there already, and does not wait to hear so",
       [](sql::Transaction& tx) -> Result<> {
         TRY(tx.defer(insert_row, {"middle"}));
         return tx.defer(insert_name, {"taken"});
       },
       "already_exists", 2},
      {"overlooks a failure",
       [](sql::Transaction& tx) -> Result<> {
         TRY(insert("middle")(tx));
         static_cast<void>(tx.query(insert_name, {"taken"}));
         return {};
       },
       "already_exists", 2},
  };
  Fixture test;
  test.run("INSERT INTO " + test.schema.name() + ".names VALUES ('taken')");
  test.start();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    test.run("DELETE FROM " + test.schema.name() + ".rows; DELETE FROM " + test.schema.name() + ".counts");
    TestWork first(insert("first")), middle(c.middle), last(insert("last"));
    submit(test, {&first, &middle, &last});
    EXPECT_EQ(first.reason(), "");
    EXPECT_EQ(middle.reason(), c.reason);
    EXPECT_EQ(last.reason(), "");
    EXPECT_EQ(first.runs, c.runs_of_others);
    EXPECT_EQ(test.stored("first"), 1);
    EXPECT_EQ(test.stored("middle"), c.reason.empty() ? 1 : 0);
    EXPECT_EQ(test.stored("last"), 1);
    EXPECT_EQ(test.stored(), c.reason.empty() ? 3 : 2);  // and as many are counted
  }
}

TEST(PostgresLane, AnswersAfterTheCommit) {
  NEEDS_SERVER();
  for (const auto& [answer, seen] : {std::pair(Answer::after_commit, 1), std::pair(Answer::before_commit, 0)}) {
    Fixture test;
    test.options.answer = answer;
    test.start();
    TestWork work(insert("a"));
    std::int64_t seen_when_told = -1;
    work.when_done = [&] { seen_when_told = test.stored(); };
    test.lane->submit_write(work);
    EXPECT_EQ(work.reason(), "");
    EXPECT_EQ(seen_when_told, seen);
  }
}

TEST(PostgresLane, RefusesWhatDoesNotFitIntoTheQueue) {
  NEEDS_SERVER();
  Fixture test;
  test.options.queue_max = 2;
  test.start();
  std::latch open(1);
  TestWork holder([&](sql::Transaction&) -> Result<> {
    open.wait();
    return {};
  });
  test.hold(holder);
  TestWork first(insert("1")), second(insert("2")), third(insert("3"));
  for (TestWork* work : {&first, &second, &third}) test.lane->submit_write(*work);
  EXPECT_EQ(third.reason(), "overloaded");  // at once, while the others wait
  EXPECT_EQ(third.runs, 0);
  open.count_down();
  for (TestWork* work : {&first, &second}) EXPECT_EQ(work->reason(), "");
}

TEST(PostgresLane, RunsWhatWaitsBeforeItEnds) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  std::vector<std::unique_ptr<TestWork>> works;
  for (int i = 0; i < 50; ++i) {
    works.push_back(std::make_unique<TestWork>(insert("a")));
    test.lane->submit_write(*works.back());
  }
  test.lane.reset();
  for (auto& work : works) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(test.stored(), 50);
}

TEST(PostgresLane, WaitsForARowThatAnotherHolds) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  const auto other = sql::postgres::testing::connect(test.schema.url());
  ASSERT_TRUE(other->execute_script("BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'first'"));
  TestWork before(insert("before")), waiting(increment("first")), after(insert("after"));
  submit(test, {&before, &waiting, &after});
  EXPECT_EQ(before.reason(), "");  // what does not wait for the row is not held up for long
  EXPECT_FALSE(waiting.is_answered());
  EXPECT_EQ(test.stored("before"), 1);
  ASSERT_TRUE(other->execute_script("COMMIT"));
  EXPECT_EQ(waiting.reason(), "");
  EXPECT_EQ(after.reason(), "");
  EXPECT_EQ(test.counter("first"), 2);
  EXPECT_EQ(test.stored("after"), 1);
}

// Each holds what the other wants, the first time.
TEST(PostgresLane, EndsADeadlockWellForBoth) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  PostgresLane other(test.options, test.clock, test.random);
  std::latch both(2);
  const auto step = [&both](std::string first, std::string second) {
    return [&both, first, second, is_first = true](sql::Transaction& tx) mutable -> Result<> {
      TRY(tx.lock(lock_counter, {first}));
      if (std::exchange(is_first, false)) both.arrive_and_wait();
      TRY(tx.lock(lock_counter, {second}));
      TRY(tx.defer(update_counter, {first}));
      return tx.defer(update_counter, {second});
    };
  };
  TestWork forth(step("first", "second")), back(step("second", "first"));
  test.lane->submit_write(forth);
  other.submit_write(back);
  EXPECT_EQ(forth.reason(), "");
  EXPECT_EQ(back.reason(), "");
  EXPECT_GE(forth.runs + back.runs, 3) << "one gives way, and again when it is slow";
  EXPECT_EQ(test.counter("first"), 2);
  EXPECT_EQ(test.counter("second"), 2);
}

TEST(PostgresLane, ReadsSeeOneMomentAndWhatWasAnswered) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  std::latch written(1);
  std::int64_t first_count = -1, second_count = -1;
  TestWork first([&](sql::Transaction& tx) -> Result<> {
    const auto rows = TRY(tx.query(count_rows, {}));
    first_count = rows.front().integer(0);
    written.wait();
    return {};
  });
  // The two wait for their first answers together; what follows is asked after the write.
  TestWork second([&](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(count_rows, {}));
    const auto rows = TRY(tx.query(count_rows, {}));
    second_count = rows.front().integer(0);
    return {};
  });
  TestWork before(insert("before")), meanwhile(insert("meanwhile"));
  test.lane->submit_write(before);
  EXPECT_EQ(before.reason(), "");
  submit_reads(test, {&first, &second});
  while (first.runs == 0) std::this_thread::yield();
  test.lane->submit_write(meanwhile);
  EXPECT_EQ(meanwhile.reason(), "");
  written.count_down();
  for (TestWork* work : {&first, &second}) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(first_count, second_count);
  EXPECT_GE(first_count, 1);
  EXPECT_EQ(test.read("meanwhile"), 1);
}

// Whoever shares the transaction is planned as ever.
TEST(PostgresLane, WalksIndexesForOneRead) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  // Whether it may be sorted, and which transaction that is.
  constexpr std::string_view whether_sorted = "SELECT current_setting('enable_sort'), CAST(now() AS TEXT)";
  std::vector<std::string> walked, asked;
  const auto keep = [](const sql::Rows& rows, std::vector<std::string>& kept) {
    for (const std::size_t column : {0U, 1U}) kept.emplace_back(rows.front().text(column));
  };
  TestWork walk([&](sql::Transaction& tx) -> Result<> {
    keep(TRY(tx.walk(whether_sorted, {})), walked);
    return {};
  });
  TestWork ask([&](sql::Transaction& tx) -> Result<> {
    keep(TRY(tx.query(whether_sorted, {})), asked);
    return {};
  });
  submit_reads(test, {&walk, &ask});
  for (TestWork* work : {&walk, &ask}) EXPECT_EQ(work->reason(), "");
  ASSERT_TRUE(walked.size() == 2 && asked.size() == 2);
  EXPECT_EQ(walked[1], asked[1]) << "they share a transaction";
  EXPECT_EQ(walked[0], "off");
  EXPECT_EQ(asked[0], "on");
}

TEST(PostgresLane, ReadsThatFailLeaveOthersUnharmed) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  std::int64_t count = -1;
  TestWork bug([](sql::Transaction&) -> Result<> { throw std::runtime_error("a bug"); });
  TestWork writes(insert("a"));
  TestWork good([&](sql::Transaction& tx) -> Result<> {
    const auto rows = TRY(tx.query(count_rows, {}));
    count = rows.front().integer(0);
    return {};
  });
  submit_reads(test, {&bug, &writes, &good});
  EXPECT_EQ(bug.reason(), "bug");
  EXPECT_NE(writes.reason(), "");  // reads cannot write
  EXPECT_EQ(good.reason(), "");
  EXPECT_EQ(count, 0);
  EXPECT_EQ(test.read("a"), 0);
}

TEST(PostgresLane, ServesManyThreads) {
  NEEDS_SERVER();
  constexpr int threads = 4, each = 25;
  Fixture test;
  test.options.writers = test.options.readers = 3;
  test.options.batch_max = 3;
  test.start();
  std::vector<std::thread> crowd;
  std::atomic<int> stored{0}, refused{0};
  for (int t = 0; t < threads; ++t) {
    crowd.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        const std::string name = std::to_string(t) + "-" + std::to_string(i);
        const bool fails = i % 5 == 4;
        TestWork work([name, fails](sql::Transaction& tx) -> Result<> {
          TRY(increment("first")(tx));
          if (fails) return fail(ErrorCode::conflict, "no", "");
          return insert(name)(tx);
        });
        test.lane->submit_write(work);
        const std::string reason = work.reason();
        ++(reason.empty() ? stored : refused);
        EXPECT_EQ(reason, fails ? "no" : "");
        EXPECT_EQ(test.read(name), fails ? 0 : 1);
      }
    });
  }
  for (auto& thread : crowd) thread.join();
  EXPECT_EQ(stored + refused, threads * each);
  EXPECT_EQ(stored, threads * each * 4 / 5);
  EXPECT_EQ(test.stored(), stored);
  EXPECT_EQ(test.counter("first"), stored);
}

constexpr std::string_view insert_note = "INSERT INTO notes (organization_id, text) VALUES ($1, $2)";
constexpr std::string_view select_all_notes = "SELECT organization_id FROM notes";
constexpr std::string_view update_all_notes = "UPDATE notes SET text = $1 RETURNING organization_id";
constexpr std::string_view give_away_all_notes = "UPDATE notes SET organization_id = $1 RETURNING organization_id";
constexpr std::string_view delete_all_notes = "DELETE FROM notes RETURNING organization_id";

// Statements that forget to say whose rows they mean, in the work of ours, of theirs, of nobody and of everybody.
TEST(PostgresLane, HidesTheRowsOfOthers) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  const Uuid ours = Uuid::v4(test.random), theirs = Uuid::v4(test.random);
  const auto us = sql::Tenant::organization(ours), them = sql::Tenant::organization(theirs);
  const auto write = [](const Uuid& whose) {
    return [whose](sql::Transaction& tx) -> Result<> {
      TRY(tx.query(insert_note, {whose, "a"}));
      return {};
    };
  };
  std::vector<Uuid> found;
  const auto find = [&](std::string_view statement, std::vector<sql::Value> values = {}) {
    return [&found, statement, values](sql::Transaction& tx) -> Result<> {
      const auto rows = TRY(tx.query(statement, sql::Values(values)));
      for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(rows[i].uuid(0));
      return {};
    };
  };
  const auto found_by = [&](const sql::Tenant& tenant, TestWork::Step step) {
    found.clear();
    TestWork work(std::move(step), tenant);
    test.lane->submit_write(work);
    EXPECT_EQ(work.reason(), "");
    return found;
  };
  TestWork first(write(ours), us), second(write(theirs), them), third(write(ours), us), forged(write(theirs), us),
      nobodys(write(ours));
  submit(test, {&first, &second, &forged, &nobodys, &third});  // one transaction
  for (TestWork* work : {&first, &second, &third}) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(forged.reason(), "storage_error");
  EXPECT_EQ(nobodys.reason(), "storage_error");

  const std::vector<Uuid> all_of_ours{ours, ours}, all_of_theirs{theirs};
  EXPECT_EQ(found_by(us, find(select_all_notes)), all_of_ours);
  EXPECT_EQ(found_by(them, find(select_all_notes)), all_of_theirs);
  EXPECT_EQ(found_by(sql::Tenant::nobody(), find(select_all_notes)).size(), 0U);
  EXPECT_EQ(found_by(sql::Tenant::everybody(), find(select_all_notes)).size(), 3U);
  EXPECT_EQ(found_by(us, find(update_all_notes, {"b"})), all_of_ours);
  TestWork given(find(give_away_all_notes, {theirs}), us), read(find(select_all_notes), them);
  test.lane->submit_write(given);
  EXPECT_EQ(given.reason(), "storage_error");
  found.clear();
  test.lane->submit_read(read);
  EXPECT_EQ(read.reason(), "");
  EXPECT_EQ(found, all_of_theirs);
  EXPECT_EQ(found_by(us, find(delete_all_notes)), all_of_ours);
  EXPECT_EQ(found_by(sql::Tenant::everybody(), find(select_all_notes)), all_of_theirs);
}

}  // namespace
}  // namespace paylink::runtime
