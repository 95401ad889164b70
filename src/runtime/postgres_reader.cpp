#include "runtime/postgres_reader.hpp"

#include "sql/postgres/transaction.hpp"

namespace paylink::runtime {

PostgresReader::PostgresReader(const PostgresLaneOptions& options, const Clock& clock, Random& random)
    : options_(options), clock_(clock), random_(random), session_(options.url, "paylink read") {}

void PostgresReader::run(const Batch& batch) { run_until(batch, std::chrono::steady_clock::now() + options_.patience); }

void PostgresReader::run_until(const Batch& batch, Moment deadline) {
  constexpr int tries_max = 3;
  for (int tries = 0;; ++tries) {
    if (auto connected = session_.connect(deadline); !connected) return refuse(batch, connected.error());
    if (try_once(batch)) return finish(batch, outcomes_);
    // Whose question it was is found out one by one.
    const bool was_lost = session_->is_lost();
    if (!was_lost && batch.size() > 1) {
      for (app::Work* work : batch) run_until({work}, deadline);
      return;
    }
    if (!was_lost || tries + 1 >= tries_max) return refuse(batch, error_);
  }
}

bool PostgresReader::try_once(const Batch& batch) {
  outcomes_.clear();
  const auto failed = [this] {
    error_ = *session_->error();
    session_->roll_back();
    return false;
  };
  if (!session_->begin_read()) return failed();
  sql::postgres::PostgresTransaction tx(*session_, clock_.now(), random_);
  for (app::Work* work : batch) {
    if (!tx.enter(work->tenant())) return failed();
    outcomes_.push_back(run_guarded(*work, tx));
    if (session_->error()) return failed();
  }
  // Nobody waits for the end of a transaction that has changed nothing.
  session_->end_read();
  return true;
}

}  // namespace paylink::runtime
