#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/testing.hpp"
#include "runtime/sqlite_lane.hpp"
#include "runtime/testing.hpp"

// How long SQLite's log of writes gets beside readers. N=100000 writes more.
namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using sql::sqlite::log_bytes_max;
using testing::patience;
using testing::TestWork;

constexpr char table[] = "CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";
constexpr std::string_view insert_row = "INSERT INTO rows (bytes) VALUES (zeroblob(14000))";
constexpr std::string_view select_row = "SELECT id FROM rows LIMIT 1";
constexpr std::string_view count_rows = "SELECT COUNT(*) FROM (SELECT 1 FROM rows LIMIT 100)";
constexpr std::int64_t row_bytes = 4 * 4120;  // of the log: four pages, each with its head
constexpr int batch_max = 20;
constexpr std::int64_t batch_bytes = (batch_max + 10) * row_bytes;

bool is_long_run() { return std::getenv("N") != nullptr; }
int writes() { return is_long_run() ? std::max(std::atoi(std::getenv("N")), 5'000) : 5'000; }

struct Fixture {
  Fixture() {
    auto connection = sql::sqlite::Connection::open(path, sql::sqlite::Mode::write);
    ENSURE(connection && (*connection)->execute_script(table));
    auto created =
        SqliteLane::create({.path = path, .batch_max = batch_max}, clock, random, [](const Error&) { std::abort(); });
    ENSURE(created.has_value());
    lane = *std::move(created);
  }

  std::int64_t log_bytes() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(path + "-wal", error);
    return error ? 0 : static_cast<std::int64_t>(size);
  }
  // Writes so many rows, many at a time, with a pause after as many as a batch has.
  void write(int count, std::chrono::milliseconds pause = 0ms) {
    std::deque<TestWork> under_way;
    const auto finish_one = [&] {
      EXPECT_EQ(under_way.front().reason(), "");
      under_way.pop_front();
      ++written;
    };
    for (int i = 0; i < count; ++i) {
      lane->submit_write(under_way.emplace_back([](sql::Transaction& tx) -> Result<> {
        TRY(tx.query(insert_row, sql::Values{}));
        return {};
      }));
      if (under_way.size() == 2 * batch_max) finish_one();
      if (i % batch_max == 0) std::this_thread::sleep_for(pause);
      log_bytes_seen = std::max(log_bytes_seen, log_bytes());
    }
    while (!under_way.empty()) finish_one();
  }

  SystemClock clock;
  SystemRandom random;
  TemporaryDirectory directory{random};
  const std::string path = directory.file("log.db");
  std::atomic<int> written = 0;
  std::int64_t log_bytes_seen = 0;  // at most
  std::unique_ptr<SqliteLane> lane;
};

// Slow reads, of which another one always begins before one ends; and short ones beside them.
class Readers {
 public:
  Readers(Fixture& fixture, std::chrono::milliseconds time) : fixture_(fixture), time_(time) {
    for (int i = 0; i < 3; ++i) threads_.emplace_back([this] { read_slowly(); });
    threads_.emplace_back([this] { read_at_once(); });
  }
  ~Readers() {
    is_stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  // How many rows were written while one slow read lasted, at most.
  int rows_meanwhile() {
    const std::lock_guard lock(mutex_);
    return rows_meanwhile_;
  }
  int slow_reads() const { return slow_reads_; }

 private:
  void read_slowly() {
    while (!is_stopping_) {
      TestWork work([this](sql::Transaction& tx) -> Result<> {
        const int before = fixture_.written;
        TRY(tx.query(count_rows, sql::Values{}));
        std::this_thread::sleep_for(time_);
        const std::lock_guard lock(mutex_);
        rows_meanwhile_ = std::max(rows_meanwhile_, fixture_.written - before);
        ++slow_reads_;
        return {};
      });
      fixture_.lane->submit_slow_read(work);
      EXPECT_EQ(work.reason(), "");
    }
  }
  // As an event loop does that has many requests.
  void read_at_once() {
    while (!is_stopping_) {
      fixture_.lane->hold_reads();
      for (int i = 0; i < 20; ++i) {
        TestWork work([](sql::Transaction& tx) -> Result<> {
          TRY(tx.query(count_rows, sql::Values{}));
          return {};
        });
        fixture_.lane->submit_read(work);
        EXPECT_EQ(work.reason(), "");
      }
      fixture_.lane->release_reads();
    }
  }

  Fixture& fixture_;
  const std::chrono::milliseconds time_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<int> slow_reads_ = 0;
  std::mutex mutex_;
  int rows_meanwhile_ = 0;
  std::vector<std::thread> threads_;
};

TEST(SqliteLog, StaysShortBesideReadersOfWhomOneAlwaysReads) {
  struct Case {
    std::string name;
    std::chrono::milliseconds read;
    int rows;
    std::chrono::milliseconds pause;  // after each batch
  };
  const Case cases[] = {
      {"pages of lists, and all that can be written", 3ms, writes(), 0ms},
      {"pages in the midst of long lists", 60ms, writes(), 0ms},
      {"reads that last", is_long_run() ? 1000ms : 400ms, is_long_run() ? writes() : 1'900, 18ms},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Fixture fixture;
    {
      Readers readers(fixture, c.read);
      fixture.write(c.rows, c.pause);
      EXPECT_GT(readers.slow_reads(), 4);
      const auto meanwhile = static_cast<std::int64_t>(readers.rows_meanwhile()) * row_bytes;
      const std::int64_t bound = log_bytes_max + meanwhile * 5 / 4 + batch_bytes;
      EXPECT_LT(fixture.log_bytes_seen, bound);
      EXPECT_GT(c.rows * row_bytes, bound);  // else nothing was tried
    }
    for (int i = 0; i < 2; ++i) fixture.write(1);  // the second begins the log anew
    EXPECT_LE(fixture.log_bytes(), log_bytes_max);
  }
}

// Whoever is no part of this process reads for as long as he likes: writes go on, and the log is short again after him.
TEST(SqliteLog, IsShortAgainWhenAStrangerHasLetGo) {
  constexpr int rows = 2'500;
  Fixture fixture;
  fixture.write(1);
  auto stranger = sql::sqlite::Connection::open(fixture.path, sql::sqlite::Mode::read);
  ASSERT_TRUE(stranger && (*stranger)->begin() && (*stranger)->query(select_row, sql::Values{}));
  const auto begun = std::chrono::steady_clock::now();
  fixture.write(rows);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, patience);
  EXPECT_GT(fixture.log_bytes(), log_bytes_max);
  TestWork read([](sql::Transaction& tx) -> Result<> {
    TRY(tx.query(select_row, sql::Values{}));
    return {};
  });
  fixture.lane->submit_slow_read(read);
  EXPECT_TRUE(read.wait(1s).has_value());  // nobody waits at the gate for him
  EXPECT_EQ((*stranger)->commit(), sql::sqlite::Commit::done);
  for (int i = 0; i < 2; ++i) fixture.write(1);
  EXPECT_LE(fixture.log_bytes(), log_bytes_max);
}

TEST(ReadGate, HoldsUpReadsAndNeverForGood) {
  struct Case {
    std::string name;
    std::chrono::milliseconds patience, turn;
    bool is_another_inside;
    std::chrono::milliseconds at_least;
  };
  const Case cases[] = {
      {"whoever is inside stays there", 50ms, 1ms, true, 51ms},
      {"nobody is inside, and it is not opened", patience, 50ms, false, 50ms},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ReadGate gate(c.patience, c.turn);
    if (c.is_another_inside) gate.enter();
    EXPECT_EQ(gate.close(), !c.is_another_inside);
    const auto begun = std::chrono::steady_clock::now();
    gate.enter();
    EXPECT_GE(std::chrono::steady_clock::now() - begun, c.at_least);
  }
}

TEST(ReadGate, LetsReadsInWhenItIsOpened) {
  ReadGate gate(patience, patience);
  gate.enter();
  EXPECT_FALSE(gate.close());
  std::atomic<bool> is_in = false;
  std::thread reader([&] {
    gate.enter();
    is_in = true;
  });
  gate.leave();
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(is_in);
  const auto begun = std::chrono::steady_clock::now();
  gate.open();
  reader.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, patience);
  EXPECT_FALSE(gate.close());
}

}  // namespace
}  // namespace paylink::runtime
