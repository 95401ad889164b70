#include "runtime/postgres_writer.hpp"

#include <thread>

#include "base/log.hpp"
#include "sql/postgres/failure.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::runtime {
namespace {

using sql::postgres::Commit;
using sql::postgres::PostgresTransaction;

constexpr int tries_max = 8;

// A batch holds what its works have locked until its end, so it does not wait long for others: two that wait for one
// another would wait for ever. One work alone can.
constexpr std::string_view wait_briefly = "SET LOCAL lock_timeout = '200ms'";

// In the transaction of the batch itself: whoever finds its number there knows that the batch was committed.
constexpr std::string_view count_batch = R"sql(
  INSERT INTO lane_batches (lane, batch, opened_at) VALUES ($1, $2, $3)
  ON CONFLICT (lane) DO UPDATE SET batch = excluded.batch, opened_at = excluded.opened_at
)sql";

// A server process that has not noticed yet that we are gone may still find our COMMIT among what it has received. It
// is ended, and waited for, before anything else is done: then nothing of the old connection can happen any more.
constexpr std::string_view end_old_sessions =
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE application_name = $1 AND pid <> pg_backend_pid()";

constexpr std::string_view select_batch = "SELECT batch FROM lane_batches WHERE lane = $1";

// A row that nobody else wants: should its commit wait for ever, it is in nobody's way.
constexpr std::string_view write_anything = "INSERT INTO lane_batches (lane, batch, opened_at) VALUES ($1, 0, $2)";

Failure outcome_unknown(std::string detail) {
  return fail(ErrorCode::unavailable, "outcome_unknown",
              "The storage went away while this was being stored, and it is not known whether it was. Ask, or send it "
              "again with the same idempotency key.",
              std::move(detail));
}

}  // namespace

PostgresWriter::PostgresWriter(const PostgresLaneOptions& options, const Clock& clock, Random& random)
    : options_(options),
      clock_(clock),
      random_(random),
      lane_(Uuid::v7(clock.now(), random)),
      name_("paylink write " + lane_.text()),
      session_(options.url, name_, options.admit) {}

Result<> PostgresWriter::run(const Batch& batch) {
  return run_until(batch, std::chrono::steady_clock::now() + options_.patience);
}

Result<> PostgresWriter::run_until(const Batch& batch, Moment deadline) {
  for (int tries = 0;; ++tries) {
    if (auto connected = session_.connect(deadline); !connected)
      return refuse_unreached(batch, std::move(connected).failure());
    Attempt attempt = try_once(batch);
    if (attempt == Attempt::unknown) {
      const auto is_stored = find_fate();
      if (!is_stored) {
        refuse(batch, outcome_unknown(error_.detail).error());
        return sql::postgres::connection_lost(error_.detail);
      }
      attempt = *is_stored ? Attempt::done : Attempt::lost;
    }
    if (attempt == Attempt::done) {
      if (options_.answer == Answer::after_commit) finish(batch, outcomes_);
      return {};
    }
    if (attempt == Attempt::failed && batch.size() > 1)
      return run_each(batch, [&](const Batch& alone) { return run_until(alone, deadline); });
    if (attempt == Attempt::failed && error_.code != ErrorCode::unavailable) {
      // The work's own failure, or one that it could not have known before its end, such as that something exists.
      outcomes_.assign(1, Failure{error_});
      finish(batch, outcomes_);
      return {};
    }
    if (attempt == Attempt::lost && tries + 1 >= tries_max) return refuse_unreached(batch, Failure{error_});
    if (tries + 1 >= tries_max || (attempt == Attempt::failed && !sql::postgres::is_contended(error_))) {
      refuse(batch, error_);
      return {};
    }
    back_off(tries);
  }
}

PostgresWriter::Attempt PostgresWriter::failed() {
  if (session_->error()) error_ = *session_->error();
  if (session_->is_lost()) return Attempt::lost;
  session_->roll_back();
  return session_->is_lost() ? Attempt::lost : Attempt::failed;
}

PostgresWriter::Attempt PostgresWriter::try_once(const Batch& batch) {
  outcomes_.clear();
  is_changing_ = false;
  if (!session_->begin()) return failed();
  if (batch.size() > 1 && !session_->send(wait_briefly, {})) return failed();
  PostgresTransaction tx(*session_, clock_.now(), random_);
  if (const Attempt attempt = run_works(batch, tx); attempt != Attempt::done) return attempt;
  return commit(batch);
}

PostgresWriter::Attempt PostgresWriter::run_works(const Batch& batch, PostgresTransaction& tx) {
  for (app::Work* work : batch) {
    if (!tx.enter(work->tenant())) return failed();
    outcomes_.push_back(run_guarded(*work, tx));
    const bool has_changed = tx.take_changed();
    if (session_->error()) return failed();
    if (!outcomes_.back() && has_changed) {
      // What it has done must go, and takes everybody's with it.
      error_ = outcomes_.back().error();
      return failed();
    }
    is_changing_ |= has_changed;
  }
  return Attempt::done;
}

PostgresWriter::Attempt PostgresWriter::commit(const Batch& batch) {
  if (is_changing_) {
    const sql::Value values[] = {lane_, ++batch_number_, clock_.now()};
    if (!session_->send(count_batch, values)) return failed();
  }
  if (options_.answer == Answer::before_commit) {
    finish(batch, outcomes_);
    std::this_thread::sleep_for(commit_too_late);
    session_->commit();
    return Attempt::done;
  }
  switch (session_->commit()) {
    case Commit::done:
      return Attempt::done;
    case Commit::refused:
      return failed();
    case Commit::lost:
      break;
  }
  error_ = *session_->error();
  return is_changing_ ? Attempt::unknown : Attempt::lost;
}

Result<bool> PostgresWriter::find_fate() {
  LOG(warn, "commit_lost", {"batch", batch_number_}, {"detail", error_.detail});
  const Moment deadline = std::chrono::steady_clock::now() + options_.fate_time;
  for (int tries = 0;; ++tries) {
    TRY(session_.connect(deadline));
    auto is_stored = look_for_batch(deadline);
    session_->roll_back();
    if (is_stored || std::chrono::steady_clock::now() >= deadline) return is_stored;
    back_off(tries);
  }
}

Result<bool> PostgresWriter::look_for_batch(Moment deadline) {
  const sql::Value name[] = {name_}, lane[] = {lane_};
  const auto ended = TRY(session_->query(end_old_sessions, name));
  for (std::size_t i = 0; i < ended.size(); ++i)
    if (!ended[i].flag(0)) return sql::postgres::connection_lost("an old session does not end");
  const auto rows = TRY(session_->query(select_batch, lane));
  if (rows.empty() || rows.front().integer(0) != batch_number_) return false;
  TRY(commit_behind(deadline));
  return true;
}

// The session that was ended may have been waiting for a synchronous standby: its commit is done here then, and perhaps
// nowhere else. A later one waits until the standby has everything up to it.
Result<> PostgresWriter::commit_behind(Moment deadline) {
  session_->roll_back();  // the transaction in which was asked
  TRY(session_->begin());
  const sql::Value values[] = {Uuid::v7(clock_.now(), random_), clock_.now()};
  TRY(session_->send(write_anything, values));
  if (session_->commit(deadline) != Commit::done) return Failure{*session_->error()};
  return {};
}

}  // namespace paylink::runtime
