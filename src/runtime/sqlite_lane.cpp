#include "runtime/sqlite_lane.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/ensure.hpp"
#include "base/log.hpp"
#include "base/thread_name.hpp"

namespace paylink::runtime {
namespace {

std::atomic<std::uint64_t> generations{0};

// Hardly any list is read for longer.
constexpr std::chrono::seconds slow_read_wait{5};
// Longer than between two writes of the workers.
constexpr std::chrono::seconds batch_wait{1};
// For the reads of event loops: whoever reads for longer is no part of this process.
constexpr std::chrono::milliseconds restart_wait{250};
constexpr std::chrono::milliseconds restart_pause_min{500};
constexpr std::chrono::milliseconds restart_pause_max{60'000};

Failure transaction_lost() {
  return fail(ErrorCode::unavailable, "storage_unavailable", "The storage is not available now. Try again later.");
}

}  // namespace

Result<std::unique_ptr<SqliteLane>> SqliteLane::create(SqliteLaneOptions options, const Clock& clock, Random& random,
                                                       std::function<void(const Error&)> fatal) {
  auto writer = TRY(sql::sqlite::Connection::open(options.path, sql::sqlite::Mode::write));
  return std::unique_ptr<SqliteLane>(
      new SqliteLane(std::move(options), clock, random, std::move(fatal), std::move(writer)));
}

SqliteLane::SqliteLane(SqliteLaneOptions options, const Clock& clock, Random& random,
                       std::function<void(const Error&)> fatal, std::unique_ptr<sql::sqlite::Connection> writer)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      fatal_(std::move(fatal)),
      generation_(++generations),
      writer_(std::move(writer)),
      restart_pause_(restart_pause_min),
      slow_read_gate_(slow_read_wait, batch_wait),
      queue_(options_.queue_max),
      thread_([this] { run(); }),
      slow_reads_(options_.slow_readers, options_.slow_queue_max, [this](app::Work& work) { read_slowly(work); }) {}

SqliteLane::~SqliteLane() {
  queue_.close();
  thread_.join();
  slow_read_gate_.open();
}

void SqliteLane::submit_write(app::Work& work) noexcept {
  if (!queue_.push(work)) refuse_overloaded(work);
}

void SqliteLane::run() {
  name_thread("write lane");
  Batch batch;
  while (queue_.take(batch, options_.batch_max)) {
    run_batch(batch);
    batch.clear();
    keep_log_short();
  }
}

// SQLite begins its log anew by itself where there is a moment in which nobody reads from it. There is none while slow
// reads overlap, and the log would grow with all that is written. So no more of them begin until those under way have
// ended; the short reads of the event loops are waited for.
void SqliteLane::keep_log_short() {
  if (std::chrono::steady_clock::now() < log_left_until_) return;
  const auto bytes = writer_->log_bytes();
  if (!bytes) return leave_log(0, bytes.error().detail);
  if (*bytes <= sql::sqlite::log_bytes_max) {
    restart_pause_ = restart_pause_min;
    gate_closed_at_.reset();
    return slow_read_gate_.open();
  }
  const auto now = std::chrono::steady_clock::now();
  if (!gate_closed_at_) gate_closed_at_ = now;
  if (!slow_read_gate_.close()) {
    // Those that wait have gone in meanwhile.
    if (now - *gate_closed_at_ > 2 * slow_read_wait) leave_log(*bytes, "lists are read for long");
    return;
  }
  const auto restarted = writer_->restart_log(restart_wait);
  slow_read_gate_.open();
  if (!restarted) return leave_log(*bytes, restarted.error().detail);
  if (!*restarted) return leave_log(*bytes, "somebody still reads from it");
  restart_pause_ = restart_pause_min;
  gate_closed_at_.reset();
}

// Nobody is to wait again and again for what may last, as another process's reading does.
void SqliteLane::leave_log(std::int64_t bytes, std::string_view why) {
  slow_read_gate_.open();
  gate_closed_at_.reset();
  log_left_until_ = std::chrono::steady_clock::now() + restart_pause_;
  restart_pause_ = std::min(2 * restart_pause_, restart_pause_max);
  LOG(warn, "log_not_restarted", {"bytes", bytes}, {"detail", why});
}

Result<> SqliteLane::run_in_savepoint(app::Work& work, sql::Transaction& tx) {
  // A savepoint that cannot be set, kept or taken back leaves nobody sure of what is in the transaction: it goes.
  const auto sure = [this](Result<> done) {
    if (!done) writer_->roll_back();
    return done;
  };
  TRY(sure(writer_->savepoint()));
  Result<> outcome = run_guarded(work, tx);
  if (!writer_->in_transaction()) {
    if (outcome) return transaction_lost();
    return outcome;
  }
  if (outcome) return sure(writer_->release());
  TRY(sure(writer_->roll_back_to()));
  return outcome;
}

void SqliteLane::run_batch(Batch& batch) {
  if (auto begun = writer_->begin(); !begun) return refuse(batch, begun.error());
  sql::sqlite::SqliteTransaction tx(*writer_, clock_.now(), random_);
  outcomes_.clear();
  for (app::Work* work : batch) {
    outcomes_.push_back(run_in_savepoint(*work, tx));
    if (!writer_->in_transaction()) {
      // Some errors make SQLite throw the whole transaction away. Nobody of this batch has been answered: start over.
      LOG(warn, "batch_lost", {"error", outcomes_.back() ? "" : outcomes_.back().error().detail});
      if (batch.size() > 1) return run_one_by_one(batch);
      return finish(batch, outcomes_);
    }
  }
  if (options_.answer == Answer::before_commit) {
    finish(batch, outcomes_);
    std::this_thread::sleep_for(commit_too_late);
  }
  switch (writer_->commit()) {
    case sql::sqlite::Commit::done:
      if (options_.listener != nullptr) options_.listener->counted(writer_->added());
      commits_.fetch_add(1, std::memory_order_release);
      if (options_.answer == Answer::after_commit) finish(batch, outcomes_);
      return;
    case sql::sqlite::Commit::refused:
      return refuse(batch, writer_->last_error());
    case sql::sqlite::Commit::unknown:
      return fatal_(writer_->last_error());
  }
}

void SqliteLane::run_one_by_one(Batch& batch) {
  for (app::Work* work : batch) {
    Batch single{work};
    run_batch(single);
  }
}

SqliteLane::Reader& SqliteLane::reader_of_this_thread() {
  thread_local Reader reader;
  return reader;
}

Result<> SqliteLane::end_read(Reader& reader) {
  if (!reader.in_snapshot) return {};
  reader.in_snapshot = false;
  if (reader.connection->commit() != sql::sqlite::Commit::done) return Failure{reader.connection->last_error()};
  return {};
}

Result<sql::sqlite::Connection*> SqliteLane::begin_read(Reader& reader) {
  if (reader.generation != generation_) {
    reader.in_snapshot = false;
    reader.connection = TRY(sql::sqlite::Connection::open(options_.path, sql::sqlite::Mode::read));
    reader.connection->limit_statements(options_.read_statement_time);
    reader.generation = generation_;
  }
  if (reader.in_snapshot && reader.commits != commits_.load(std::memory_order_acquire)) TRY(end_read(reader));
  if (!reader.in_snapshot) {
    // Read before the snapshot is taken: a commit in between makes the snapshot look older than it is, never newer.
    reader.commits = commits_.load(std::memory_order_acquire);
    TRY(reader.connection->begin());
    reader.in_snapshot = true;
  }
  return reader.connection.get();
}

void SqliteLane::submit_read(app::Work& work) noexcept {
  Reader& reader = reader_of_this_thread();
  const auto run = [&]() -> Result<> {
    sql::sqlite::Connection& connection = *TRY(begin_read(reader));
    sql::sqlite::SqliteTransaction tx(connection, clock_.now(), random_);
    Result<> outcome = run_guarded(work, tx);
    if (reader.holds && outcome) return outcome;
    if (auto ended = end_read(reader); !ended && outcome) return ended;
    return outcome;
  };
  work.done(run());
}

void SqliteLane::read_slowly(app::Work& work) {
  slow_read_gate_.enter();
  submit_read(work);
  slow_read_gate_.leave();
}

void SqliteLane::submit_slow_read(app::Work& work) noexcept { slow_reads_.submit(work); }

void SqliteLane::hold_reads() noexcept { reader_of_this_thread().holds = true; }

void SqliteLane::release_reads() noexcept {
  Reader& reader = reader_of_this_thread();
  reader.holds = false;
  if (auto ended = end_read(reader); !ended) LOG(warn, "read_not_ended", {"detail", ended.error().detail});
}

}  // namespace paylink::runtime
