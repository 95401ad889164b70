#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "runtime/fiber.hpp"
#include "runtime/lane_batch.hpp"
#include "runtime/postgres_lane.hpp"
#include "runtime/postgres_session.hpp"

namespace paylink::runtime {

// Runs batches of reads on one connection, for one thread: all of a batch at the same time, each in a fiber, so that
// the questions that they ask go out together, and one wait serves them all. They see one moment.
class PostgresReader {
 public:
  static constexpr std::size_t batch_max = 64;

  PostgresReader(const PostgresLaneOptions& options, const Clock& clock, Random& random);

  // Answers every work of it. Fails when the server could not be reached, as whatever was not done was told.
  Result<> run(const Batch& batch);

 private:
  Result<> run_until(const Batch& batch, Moment deadline);
  bool try_once(const Batch& batch);  // false: `error_` says why
  bool run_together(const Batch& batch);

  const PostgresLaneOptions options_;
  const Clock& clock_;
  Random& random_;
  PostgresSession session_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Result<>> outcomes_;
  Error error_;
};

}  // namespace paylink::runtime
