#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/lane.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "runtime/lane_batch.hpp"
#include "sql/postgres/connection.hpp"

namespace paylink::runtime {

struct PostgresLaneOptions {
  std::string url;                 // as sql::postgres::Options
  std::size_t queue_max = 10'000;  // writes, and reads, waiting; beyond it they are refused with `overloaded`
  std::size_t batch_max = 256;     // works in one transaction
  int writers = 4;                 // connections, and threads, that write
  int readers = 4;                 // half of them for slow reads
  // How long a batch waits for a server that cannot be reached, before it is refused.
  std::chrono::milliseconds patience{5'000};
  // How long the fate of a lost commit is asked for, before its works fail with `outcome_unknown`.
  std::chrono::milliseconds fate_time{15'000};
  Answer answer = Answer::after_commit;
  // Asked before a new connection is used: whether what is there is to be worked on. None: it is.
  std::function<Result<>(sql::postgres::Connection&)> admit{};
};

// The lanes on PostgreSQL. Each of a few threads, with a connection of its own, takes all that waits and runs it in one
// transaction, one work after the other; only what a work must know is waited for, the rest goes out together. When
// anything goes wrong in a batch its works are run again one by one, each in a transaction of its own; what others were
// in the way of is tried again. A commit whose answer was lost is looked up on a new connection, and only when that
// cannot be done the works fail with `outcome_unknown` (unavailable).
//
// Transactions are READ COMMITTED: whoever decides by what others change takes it with Transaction::lock. Reads of one
// batch see one moment, which is after all of them were asked for.
class PostgresLane final : public app::Lane {
 public:
  // The schema is there already. Connects when there is something to do.
  PostgresLane(const PostgresLaneOptions& options, const Clock& clock, Random& random);
  // Finishes what is queued, then joins.
  ~PostgresLane() override;

  void submit_write(app::Work& work) noexcept override;
  void submit_read(app::Work& work) noexcept override;
  // On half of the connections that read, one at a time: each may take much time and memory.
  void submit_slow_read(app::Work& work) noexcept override;

 private:
  WorkQueue writes_;
  WorkQueue reads_;
  WorkQueue slow_reads_;
  const bool has_slow_readers_;
  std::vector<std::thread> threads_;
};

}  // namespace paylink::runtime
