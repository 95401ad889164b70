#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "runtime/lane_batch.hpp"
#include "runtime/postgres_lane.hpp"
#include "runtime/postgres_session.hpp"

namespace paylink::runtime {

// Runs batches of reads on one connection, for one thread.
class PostgresReader {
 public:
  PostgresReader(const PostgresLaneOptions& options, const Clock& clock, Random& random);

  // Answers every work of it.
  void run(const Batch& batch);

 private:
  void run_until(const Batch& batch, Moment deadline);
  bool try_once(const Batch& batch);  // false: `error_` says why

  const PostgresLaneOptions options_;
  const Clock& clock_;
  Random& random_;
  PostgresSession session_;
  std::vector<Result<>> outcomes_;
  Error error_;
};

}  // namespace paylink::runtime
