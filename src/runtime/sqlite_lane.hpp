#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/lane.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "runtime/lane_batch.hpp"
#include "runtime/read_gate.hpp"
#include "runtime/slow_pool.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::runtime {

struct SqliteLaneOptions {
  std::string path;
  std::size_t queue_max = 10'000;  // writes waiting; beyond it they are refused with `overloaded`
  std::size_t batch_max = 1'000;   // writes in one transaction
  Answer answer = Answer::after_commit;
  std::size_t slow_readers = 2;
  std::size_t slow_queue_max = 1'000;      // slow reads waiting; beyond it they are refused with `overloaded`
  sql::CountListener* listener = nullptr;  // outlives the lane
  std::chrono::milliseconds read_statement_time{10'000};  // as PostgreSQL's; one that takes longer fails
};

// The lanes on SQLite. One thread takes every write that waits, runs each inside a savepoint of one transaction,
// commits once (one fsync for all of them) and only then lets their answers go. Reads run at once, on the thread that
// asks, each thread with a connection of its own; slow ones on a few threads that do nothing else.
class SqliteLane final : public app::Lane {
 public:
  // `fatal` is called when nobody can say whether a commit was stored: it must end the process without answering
  // anyone. Opens the file, which has its schema already; fails with `storage_unavailable`.
  static Result<std::unique_ptr<SqliteLane>> create(SqliteLaneOptions options, const Clock& clock, Random& random,
                                                    std::function<void(const Error&)> fatal);
  // Finishes the writes that are queued, then joins.
  ~SqliteLane() override;

  void submit_write(app::Work& work) noexcept override;
  void submit_read(app::Work& work) noexcept override;
  void submit_slow_read(app::Work& work) noexcept override;
  void hold_reads() noexcept override;
  void release_reads() noexcept override;

 private:
  SqliteLane(SqliteLaneOptions options, const Clock& clock, Random& random, std::function<void(const Error&)> fatal,
             std::unique_ptr<sql::sqlite::Connection> writer);
  void run();
  void run_batch(Batch& batch);
  void run_one_by_one(Batch& batch);
  void keep_log_short();
  void leave_log(std::int64_t bytes, std::string_view why);
  void read_slowly(app::Work& work);
  Result<> run_in_savepoint(app::Work& work, sql::Transaction& tx);
  // A thread's own connection, and the snapshot it may hold.
  struct Reader {
    std::uint64_t generation = 0;  // of the lane it was opened by
    std::unique_ptr<sql::sqlite::Connection> connection;
    bool holds = false;  // between hold_reads and release_reads
    bool in_snapshot = false;
    std::uint64_t commits = 0;  // when the snapshot was taken
  };
  static Reader& reader_of_this_thread();
  Result<sql::sqlite::Connection*> begin_read(Reader& reader);
  static Result<> end_read(Reader& reader);

  const SqliteLaneOptions options_;
  const Clock& clock_;
  Random& random_;
  const std::function<void(const Error&)> fatal_;
  const std::uint64_t generation_;  // tells this lane's readers from those of an earlier one at the same address
  std::unique_ptr<sql::sqlite::Connection> writer_;
  std::vector<Result<>> outcomes_;
  std::atomic<std::uint64_t> commits_{0};  // a snapshot taken since the last of them shows everything that was answered

  std::chrono::milliseconds restart_pause_;  // after the next try that fails
  std::chrono::steady_clock::time_point log_left_until_;
  std::optional<std::chrono::steady_clock::time_point> gate_closed_at_;
  ReadGate slow_read_gate_;

  WorkQueue queue_;
  std::thread thread_;
  SlowPool slow_reads_;
};

}  // namespace paylink::runtime
