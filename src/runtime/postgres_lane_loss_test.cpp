#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "runtime/testing_postgres.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using sql::postgres::testing::Fault;
using testing::TestWork;
using testing::postgres::count_locks;
using testing::postgres::count_rows;
using testing::postgres::Fixture;
using testing::postgres::insert;
using testing::postgres::select_session;
using testing::postgres::submit;

TEST(PostgresLaneLoss, GoesOnWhenItsSessionsAreEnded) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  std::atomic<std::int64_t> session{0};
  const auto find_session = [&](sql::Transaction& tx) -> Result<> {
    const auto rows = TRY(tx.query(select_session, {}));
    session = rows.front().integer(0);
    return {};
  };
  TestWork write(find_session), read(find_session);
  test.lane->submit_write(write);
  EXPECT_EQ(write.reason(), "");
  test.end_session(session);  // between two batches
  TestWork after(insert("after"));
  test.lane->submit_write(after);
  EXPECT_EQ(after.reason(), "");
  EXPECT_EQ(after.runs, 1);
  test.lane->submit_read(read);
  EXPECT_EQ(read.reason(), "");
  test.end_session(session);
  EXPECT_EQ(test.read("after"), 1);

  // Inside of one.
  const auto end_once = [&, is_first = true](sql::Transaction& tx) mutable -> Result<> {
    TRY(insert("inside")(tx));
    TRY(find_session(tx));
    if (std::exchange(is_first, false)) test.end_session(session);
    return insert("inside")(tx);
  };
  TestWork first(insert("inside")), second(end_once), third(insert("inside"));
  submit(test, {&first, &second, &third});
  for (TestWork* work : {&first, &second, &third}) EXPECT_EQ(work->reason(), "");
  EXPECT_EQ(test.stored("inside"), 4);
  EXPECT_EQ(first.runs, 2);
  EXPECT_EQ(third.runs, 1);
}

// A sequence remembers across a rollback that it has happened.
TEST(PostgresLaneLoss, GoesOnWhenItsSessionIsEndedWhileItCommits) {
  NEEDS_SERVER();
  Fixture test;
  test.run("SET search_path = " + test.schema.name() + R"sql(;
    CREATE SEQUENCE ends;
    CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $do$
    BEGIN
      IF nextval('ends') = 1 THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(10);
      END IF;
      RETURN NULL;
    END
    $do$;
    CREATE CONSTRAINT TRIGGER ends_session AFTER INSERT ON rows DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION end_session();
    SET search_path TO DEFAULT
  )sql");
  test.start();
  TestWork first(insert("a")), second(insert("b"));
  submit(test, {&first, &second});
  EXPECT_EQ(first.reason(), "");
  EXPECT_EQ(second.reason(), "");
  EXPECT_EQ(first.runs, 2);
  EXPECT_EQ(test.stored(), 2);
}

TEST(PostgresLaneLoss, FindsOutWhatBecameOfACommit) {
  NEEDS_SERVER();
  struct Case {
    const char* name;
    Fault fault;
    int runs;
  };
  const Case cases[] = {{"the server has not heard of it", Fault::not_sent, 2},
                        {"the server hears of it later", Fault::late, 2},
                        {"the server has done it", Fault::answer_lost, 1}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Fixture test;
    test.start();
    TestWork before(insert("before")), first(insert("first")), after(insert("after"));
    test.lane->submit_write(before);
    EXPECT_EQ(before.reason(), "");
    test.proxy.break_next_commit(c.fault);
    test.lane->submit_write(first);
    EXPECT_EQ(first.reason(), "");
    EXPECT_EQ(first.runs, c.runs);
    EXPECT_EQ(test.number(count_locks), 0);  // the asking has ended
    test.proxy.release();
    test.lane->submit_write(after);
    EXPECT_EQ(after.reason(), "");
    std::this_thread::sleep_for(100ms);  // what is late may still arrive
    EXPECT_EQ(test.stored("first"), 1);
    EXPECT_EQ(test.stored("after"), 1);
    EXPECT_EQ(test.stored(), 3);
  }
}

// One that was never changed is not asked about: it is run again.
TEST(PostgresLaneLoss, RunsAgainWhatChangedNothing) {
  NEEDS_SERVER();
  Fixture test;
  test.start();
  TestWork work([](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(count_rows, {}));
    return {};
  });
  test.proxy.break_next_commit(Fault::answer_lost);
  test.lane->submit_write(work);
  EXPECT_EQ(work.reason(), "");
  EXPECT_EQ(work.runs, 2);
}

TEST(PostgresLaneLoss, SaysSoWhenItCannotFindOut) {
  NEEDS_SERVER();
  Fixture test;
  test.options.fate_time = 300ms;
  test.start();
  test.proxy.break_next_commit(Fault::answer_withheld);
  TestWork work(insert("a"));
  test.lane->submit_write(work);
  EXPECT_EQ(work.reason(), "outcome_unknown");
  EXPECT_EQ(work.runs, 1);
  EXPECT_EQ(test.stored("a"), 1);
  test.proxy.open();
  TestWork after(insert("after"));
  test.lane->submit_write(after);
  EXPECT_EQ(after.reason(), "");
}

// Takes connections, and never says a word.
class SilentServer {
 public:
  SilentServer() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    ENSURE(::bind(listener_.descriptor(), reinterpret_cast<const sockaddr*>(&own), size) == 0);
    ENSURE(::listen(listener_.descriptor(), 64) == 0);
    ENSURE(::getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
    url = "postgresql://paylink@127.0.0.1:" + std::to_string(ntohs(own.sin_port)) + "/paylink?connect_timeout=2";
  }

  std::string url;  // nobody waits for it for less than two seconds: libpq does not

 private:
  sql::postgres::testing::Socket listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

// However many wait: not for one try after the other.
TEST(PostgresLaneLoss, RefusesAllThatWaitForASilentServer) {
  const SilentServer server;
  SystemClock clock;
  SystemRandom random;
  PostgresLaneOptions options{.url = server.url, .writers = 1, .readers = 1, .patience = 500ms};
  PostgresLane lane(options, clock, random);
  const auto nothing = [](sql::Transaction&) -> Result<> { return {}; };
  std::vector<std::unique_ptr<TestWork>> works;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i) {
    works.push_back(std::make_unique<TestWork>(nothing));
    lane.submit_read(*works.back());
    works.push_back(std::make_unique<TestWork>(nothing));
    lane.submit_write(*works.back());
  }
  for (auto& work : works) EXPECT_EQ(work->reason(), "storage_unavailable");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 6s);
}

// A session that waits for a synchronous standby has committed, for all that can be seen once it is ended.
TEST(PostgresLaneLoss, DoesNotCallStoredWhatAStandbyMayNotHave) {
  NEEDS_SERVER();
  Fixture test;
  test.options.fate_time = 300ms;
  test.start();
  test.proxy.break_next_commit(Fault::standby_away);
  TestWork work(insert("a"));
  const auto begun = std::chrono::steady_clock::now();
  test.lane->submit_write(work);
  EXPECT_EQ(work.reason(), "outcome_unknown");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_EQ(work.runs, 1);
  EXPECT_EQ(test.stored("a"), 1);
  test.proxy.break_next_commit(Fault::none);
  TestWork after(insert("after"));
  test.lane->submit_write(after);
  EXPECT_EQ(after.reason(), "");
  EXPECT_EQ(after.runs, 1);
}

TEST(PostgresLaneLoss, RefusesWithoutAServerAndWorksWhenItIsBack) {
  NEEDS_SERVER();
  Fixture test;
  test.options.patience = 200ms;
  test.start();
  EXPECT_EQ(test.read("a"), 0);
  for (int round = 0; round < 2; ++round) {
    test.proxy.close();
    TestWork write(insert("a")), read([](sql::Transaction& tx) -> Result<> {
      TRY(tx.query(count_rows, {}));
      return {};
    });
    const auto begun = std::chrono::steady_clock::now();
    test.lane->submit_write(write);
    test.lane->submit_read(read);
    EXPECT_EQ(write.reason(), "storage_unavailable");
    EXPECT_EQ(read.reason(), "storage_unavailable");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 200ms);
    EXPECT_EQ(write.runs, 0);
    test.proxy.open();
    TestWork after(insert("after"));
    test.lane->submit_write(after);
    EXPECT_EQ(after.reason(), "");
    EXPECT_EQ(test.read("after"), round + 1);
  }
  // One that is back in time is waited for.
  test.proxy.close();
  test.lane.reset();
  test.options.patience = testing::patience;
  test.start();
  TestWork patient(insert("patient"));
  test.lane->submit_write(patient);
  EXPECT_FALSE(patient.wait(100ms).has_value());
  test.proxy.open();
  EXPECT_EQ(patient.reason(), "");
  EXPECT_EQ(test.stored("a"), 0);
}

}  // namespace
}  // namespace paylink::runtime
