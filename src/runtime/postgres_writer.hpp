#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "runtime/lane_batch.hpp"
#include "runtime/postgres_lane.hpp"
#include "runtime/postgres_session.hpp"

namespace paylink::sql::postgres {
class PostgresTransaction;
}

namespace paylink::runtime {

// Runs batches of writes on one connection, for one thread.
class PostgresWriter {
 public:
  PostgresWriter(const PostgresLaneOptions& options, const Clock& clock, Random& random);

  // Answers every work of it. Fails when the server could not be reached, as whatever was not done was told.
  Result<> run(const Batch& batch);

 private:
  // `failed`: rolled back, and `error_` says why. `lost`: the connection went away, and nothing was stored. `unknown`:
  // it went away while committing.
  enum class Attempt : std::uint8_t { done, failed, lost, unknown };

  Result<> run_until(const Batch& batch, Moment deadline);
  Attempt try_once(const Batch& batch);
  Attempt run_works(const Batch& batch, sql::postgres::PostgresTransaction& tx);
  Attempt commit(const Batch& batch);
  Attempt failed();
  // Whether the batch whose commit was lost is stored. Fails when nobody can say.
  Result<bool> find_fate();
  Result<bool> look_for_batch(Moment deadline);
  Result<> commit_behind(Moment deadline);

  const PostgresLaneOptions options_;
  const Clock& clock_;
  Random& random_;
  const Uuid lane_;                // under which the batches of this writer are counted
  std::int64_t batch_number_ = 0;  // the last one that was asked to be committed
  const std::string name_;         // of its sessions, which nobody else's have
  PostgresSession session_;
  std::vector<Result<>> outcomes_;
  Error error_;
  bool is_changing_ = false;  // the transaction may have changed something
};

}  // namespace paylink::runtime
