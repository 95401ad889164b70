#include "runtime/postgres_reader.hpp"

#include "base/ensure.hpp"
#include "sql/postgres/count_log.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::runtime {
namespace {

// One work's view of the transaction that its batch shares. Whoever asks pauses until the answers are there.
class SharedTransaction final : public sql::Transaction {
 public:
  SharedTransaction(sql::postgres::Connection& connection, sql::postgres::PostgresTransaction& shared,
                    const sql::Tenant& tenant)
      : Transaction(shared.now(), shared.random()), connection_(connection), shared_(shared), tenant_(tenant) {}

  using Transaction::defer;
  using Transaction::query;
  using Transaction::walk;
  Result<sql::Rows> query(std::string_view statement, sql::Values values) override {
    return ask([&](std::optional<sql::Rows>& answer) { return connection_.post(statement, values, answer); });
  }
  Result<sql::Rows> walk(std::string_view statement, sql::Values values) override {
    return ask([&](std::optional<sql::Rows>& answer) { return connection_.post_walk(statement, values, answer); });
  }
  // Nothing changes in a read; the server refuses what would.
  Result<> defer(std::string_view statement, sql::Values values) override {
    TRY(query(statement, values));
    return {};
  }
  Result<> add(std::string_view, const Uuid&, std::string_view, std::int64_t, const sql::Entry&) override {
    ENSURE(false && "a read adds to no count");
    return {};
  }
  Result<std::optional<sql::CountChanges>> count_changes(const Uuid& organization,
                                                         const std::optional<sql::Snapshot>& since) override {
    auto changes = TRY(sql::postgres::count_log::read(organization, since, *this));
    return std::optional(std::move(changes));
  }
  Result<bool> try_claim(std::string_view key) override { return shared_.try_claim(key); }

 private:
  template <class Post>
  Result<sql::Rows> ask(const Post& post) {
    // The others of the batch may be other tenants'.
    TRY(shared_.enter(tenant_));
    std::optional<sql::Rows> answer;
    TRY(post(answer));
    Fiber::pause();
    if (connection_.error()) return Failure{*connection_.error()};
    return answer ? *std::move(answer) : sql::Rows();
  }

  sql::postgres::Connection& connection_;
  sql::postgres::PostgresTransaction& shared_;
  const sql::Tenant tenant_;
};

}  // namespace

PostgresReader::PostgresReader(const PostgresLaneOptions& options, const Clock& clock, Random& random)
    : options_(options), clock_(clock), random_(random), session_(options.url, "paylink read", options.admit) {}

Result<> PostgresReader::run(const Batch& batch) {
  return run_until(batch, std::chrono::steady_clock::now() + options_.patience);
}

Result<> PostgresReader::run_until(const Batch& batch, Moment deadline) {
  constexpr int tries_max = 3;
  for (int tries = 0;; ++tries) {
    if (auto connected = session_.connect(deadline); !connected)
      return refuse_unreached(batch, std::move(connected).failure());
    if (try_once(batch)) {
      finish(batch, outcomes_);
      return {};
    }
    // Whose question it was is found out one by one.
    const bool was_lost = session_->is_lost();
    if (!was_lost && batch.size() > 1)
      return run_each(batch, [&](const Batch& alone) { return run_until(alone, deadline); });
    if (was_lost && tries + 1 >= tries_max) return refuse_unreached(batch, Failure{error_});
    if (was_lost) continue;
    refuse(batch, error_);
    return {};
  }
}

bool PostgresReader::try_once(const Batch& batch) {
  const bool is_done = session_->begin_read() && run_together(batch);
  if (!is_done) {
    error_ = *session_->error();
    session_->roll_back();
    return false;
  }
  // Nobody waits for the end of a transaction that has changed nothing.
  session_->end_read();
  return true;
}

bool PostgresReader::run_together(const Batch& batch) {
  sql::postgres::PostgresTransaction shared(*session_, clock_.now(), random_);
  outcomes_.assign(batch.size(), Result<>());
  while (fibers_.size() < batch.size()) fibers_.push_back(std::make_unique<Fiber>());
  std::size_t running = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    fibers_[i]->start([this, &batch, &shared, i] {
      SharedTransaction tx(*session_, shared, batch[i]->tenant());
      outcomes_[i] = run_guarded(*batch[i], tx);
    });
    running += fibers_[i]->is_done() ? 0 : 1;
  }
  while (running > 0) {
    // When it fails, everybody is told so and ends.
    const bool is_received = session_->receive().has_value();
    static_cast<void>(is_received);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (fibers_[i]->is_done()) continue;
      fibers_[i]->resume();
      running -= fibers_[i]->is_done() ? 1 : 0;
    }
  }
  return !session_->error();
}

}  // namespace paylink::runtime
