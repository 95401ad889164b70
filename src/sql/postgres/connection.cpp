#include "sql/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <string>

#include "base/ensure.hpp"
#include "sql/postgres/count_log.hpp"
#include "sql/postgres/failure.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view begin_statement = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view begin_read_statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr std::string_view commit_statement = "COMMIT";
constexpr std::string_view set_tenant_statement = "SELECT set_config('paylink.tenant', $1, true)";
// Between the two, statements are planned once, whatever their parameters, and by indexes alone.
#define OTHER_WAYS(way, value) ", set_config('enable_" way "', '" value "', true)"
#define PLANNING(plans, others)                                                                                      \
  "SELECT set_config('plan_cache_mode', '" plans "', true)" OTHER_WAYS("sort", others) OTHER_WAYS("seqscan", others) \
      OTHER_WAYS("bitmapscan", others) OTHER_WAYS("hashjoin", others) OTHER_WAYS("mergejoin", others)
constexpr std::string_view begin_walk_statement = PLANNING("force_generic_plan", "off");
constexpr std::string_view end_walk_statement = PLANNING("auto", "on");

// The first part that no other connection has; it is this one's until it ends. The lock's first number is of this use.
constexpr std::string_view take_part_statement =
    "SELECT CAST(part AS BIGINT) FROM generate_series(0, 4095) AS part"
    " WHERE pg_try_advisory_lock(20181, part) LIMIT 1";

constexpr char settings[] =
    "; SET timezone = 'UTC'; SET synchronous_commit = on; SET default_transaction_isolation = 'read committed'"
    "; SET jit = off; SET max_parallel_workers_per_gather = 0";

// So many answers fit into the buffers between us and the server; beyond, the two could wait for one another.
constexpr std::size_t queued_max = 256;

// How long we wait beyond what the server allows a statement.
constexpr std::chrono::milliseconds network_time{5'000};

// How long the silence of a socket that is encrypted is believed. Of a record that is longer than there is room in
// libpq's buffer the rest lies in OpenSSL, or in GSS, and the socket has nothing more to say: the next read finds it.
constexpr std::chrono::milliseconds encrypted_silence{20};

std::string text_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }

// Without the server's DETAIL, which says what is in the row that was refused.
std::string message_of(const PGresult* result) {
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message == nullptr) message = PQresultErrorMessage(result);  // libpq's own
  std::string text = message == nullptr ? "" : message;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string sqlstate_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

std::string with_hold(std::string_view statement, Hold hold) {
  std::string text(statement);
  if (hold != Hold::none) text += " FOR UPDATE";
  if (hold == Hold::skip) text += " SKIP LOCKED";
  return text;
}

}  // namespace

void Connection::ClearResult::operator()(pg_result* result) const { PQclear(result); }

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
  const std::string seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(options.connect_time).count());
  // What the URL says stands before our defaults, and not before what we rely on.
  const char* const names[] = {
      "connect_timeout", "keepalives_idle",  "keepalives_interval", "keepalives_count",     "tcp_user_timeout",
      "dbname",          "application_name", "client_encoding",     "target_session_attrs", nullptr};
  const char* const values[] = {
      seconds.c_str(), "10",         "5",    "3", "20000", options.url.c_str(), options.application_name.c_str(),
      "UTF8",          "read-write", nullptr};
  pg_conn* const handle = PQconnectdbParams(names, values, 1);
  ENSURE(handle != nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, options.statement_time + network_time));
  if (PQstatus(handle) != CONNECTION_OK) return connection_lost(PQerrorMessage(handle));
  TRY(connection->set_up(options.statement_time));
  return connection;
}

Connection::~Connection() { PQfinish(handle_); }

// A client that is gone must not hold what it has locked for longer than a statement may take.
// What is asked outside of a transaction sees what has been committed by then, whatever the role's own settings say:
// several questions sent together are one transaction to the server.
// Nor is a plan compiled, or shared among processes: our statements read few rows by an index, but a limit that is a
// parameter is estimated as a tenth of all there are, and of a large table compiling, or starting those processes,
// takes tens of milliseconds, at every execution.
Result<> Connection::set_up(std::chrono::milliseconds statement_time) {
  if (PQsetnonblocking(handle_, 1) != 0) return connection_lost(PQerrorMessage(handle_));
  PQsetNoticeProcessor(handle_, [](void*, const char*) {}, nullptr);
  if (PQenterPipelineMode(handle_) != 1) return connection_lost(PQerrorMessage(handle_));
  return execute_script("SET statement_timeout = " + text_of(statement_time) +
                        "; SET lock_timeout = " + text_of(statement_time / 2) +
                        "; SET idle_in_transaction_session_timeout = " + text_of(2 * statement_time) + settings);
}

Failure Connection::failure() const { return Failure{*error_}; }

void Connection::lose(std::string detail) {
  is_lost_ = true;
  if (!error_) error_ = connection_lost(std::move(detail)).error();
}

void Connection::note(const pg_result* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
      return;
    case PGRES_PIPELINE_ABORTED:
      if (!error_) error_ = connection_lost("the pipeline is aborted").error();
      return;
    default:
      break;
  }
  const std::string state = sqlstate_of(result);
  if (!error_) error_ = failure_of(state, message_of(result) + " (" + state + ")").error();
  // An administrator or a crash ends the session; the server says so before it hangs up.
  if (PQstatus(handle_) == CONNECTION_BAD || state.starts_with("57P")) lose(message_of(result));
}

// False when the connection is lost.
bool Connection::wait_for_answer() {
  const Deadline deadline = std::min(latest_, std::chrono::steady_clock::now() + answer_time_);
  for (;;) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) return lose(PQerrorMessage(handle_)), false;
    if (unsent == 0 && PQisBusy(handle_) == 0) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return lose("the server has not answered in time"), false;
    const bool is_encrypted = PQsslInUse(handle_) == 1 || PQgssEncInUse(handle_) == 1;
    const auto silence = is_encrypted ? std::min(left, encrypted_silence) : left;
    pollfd wanted{PQsocket(handle_), static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(silence.count()));
    const bool may_read = ready == 0 || (ready > 0 && (wanted.revents & ~POLLOUT) != 0);
    if (may_read && PQconsumeInput(handle_) == 0) return lose(PQerrorMessage(handle_)), false;
  }
}

Connection::ResultPointer Connection::next_result() {
  if (is_lost_ || !wait_for_answer()) return nullptr;
  return ResultPointer(PQgetResult(handle_));
}

// The answer to the oldest command queued; null when the connection is lost, and where a sync was reached.
Connection::ResultPointer Connection::read_command() {
  ResultPointer result = next_result();
  if (!result) {
    if (!is_lost_) lose("an answer is missing");
    return nullptr;
  }
  note(result.get());
  const Queued command = queued_.front();
  queued_.pop_front();
  if (command.is_sync) {
    if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC) lose("the end of a pipeline is missing");
    return nullptr;
  }
  if (command.answer != nullptr && PQresultStatus(result.get()) == PGRES_TUPLES_OK)
    *command.answer = rows_of(result.get(), *command.statement);
  const ResultPointer end = next_result();
  if (end && !is_lost_) lose("an answer has not ended");
  return result;
}

void Connection::read_all() {
  while (!queued_.empty() && !is_lost_) read_command();
}

Result<> Connection::receive() {
  if (!queued_.empty() && !is_lost_ && PQsendFlushRequest(handle_) != 1) lose(PQerrorMessage(handle_));
  read_all();
  if (error_) return failure();
  return {};
}

void Connection::queue_sync() {
  if (PQpipelineSync(handle_) != 1) return lose(PQerrorMessage(handle_));
  queued_.push_back({.is_sync = true});
}

// Ends what the server skips after an error.
void Connection::sync() {
  if (is_lost_) return;
  queue_sync();
  read_all();
}

Result<> Connection::describe(const std::string& name, Statement& prepared) {
  if (PQsendDescribePrepared(handle_, name.c_str()) != 1 || PQsendFlushRequest(handle_) != 1)
    lose(PQerrorMessage(handle_));
  queued_.emplace_back();
  ResultPointer described;
  while (!queued_.empty() && !is_lost_) described = read_command();
  if (error_) return failure();
  for (int i = 0; i < PQnparams(described.get()); ++i) prepared.parameters.push_back(PQparamtype(described.get(), i));
  for (int i = 0; i < PQnfields(described.get()); ++i) prepared.columns.push_back(PQftype(described.get(), i));
  return {};
}

Result<const Connection::Statement*> Connection::prepare(std::string_view statement, Hold hold) {
  auto& known = statements_[static_cast<std::size_t>(hold)];
  if (const auto found = known.find(statement.data()); found != known.end()) return &found->second;
  Statement prepared{"s" + std::to_string(++statements_made_), {}, {}};
  const std::string text = with_hold(statement, hold);
  if (PQsendPrepare(handle_, prepared.name.c_str(), text.c_str(), 0, nullptr) != 1) lose(PQerrorMessage(handle_));
  queued_.emplace_back();
  TRY(describe(prepared.name, prepared));
  return &known.emplace(statement.data(), std::move(prepared)).first->second;
}

Result<> Connection::queue(const Statement& statement, Values values, std::optional<Rows>* answer) {
  const Parameters parameters(values, statement.parameters);
  if (PQsendQueryPrepared(handle_, statement.name.c_str(), parameters.count(), parameters.pointers(),
                          parameters.lengths(), parameters.formats(), 1) != 1) {
    lose(PQerrorMessage(handle_));
    return failure();
  }
  queued_.push_back({&statement, answer});
  return {};
}

Result<> Connection::send(std::string_view statement, Values values, Hold hold) {
  if (error_) return failure();
  const Statement* const prepared = TRY(prepare(statement, hold));
  if (queued_.size() >= queued_max) TRY(receive());
  return queue(*prepared, values, nullptr);
}

Result<> Connection::post(std::string_view statement, Values values, std::optional<Rows>& answer, Hold hold) {
  TRY(set_walking(false));
  return post_as_set(statement, values, answer, hold);
}

Result<> Connection::post_as_set(std::string_view statement, Values values, std::optional<Rows>& answer, Hold hold) {
  if (error_) return failure();
  const Statement* const prepared = TRY(prepare(statement, hold));
  if (queued_.size() >= queued_max) TRY(receive());
  return queue(*prepared, values, &answer);
}

// A limit that is a parameter is estimated as a tenth of all rows, and a branch of a merge as if all of it were wanted:
// to find a million rows and sort them then seems to take less than to walk past a few hundred. With the limit known
// it may be planned well, but anew each time, which takes as long as the walk.
Result<> Connection::post_walk(std::string_view statement, Values values, std::optional<Rows>& answer) {
  TRY(set_walking(true));
  return post_as_set(statement, values, answer, Hold::none);
}

// As long as nobody asks otherwise it is left as it is.
Result<> Connection::set_walking(bool is_walking) {
  if (is_walking_ == is_walking) return {};
  TRY(send(is_walking ? begin_walk_statement : end_walk_statement, Values{}));
  is_walking_ = is_walking;
  return {};
}

Result<Rows> Connection::query(std::string_view statement, Values values, Hold hold) {
  std::optional<Rows> answer;
  TRY(post(statement, values, answer, hold));
  TRY(receive());
  // What returns no rows is answered without any.
  return answer ? *std::move(answer) : Rows();
}

Rows Connection::rows_of(const pg_result* result, const Statement& statement) {
  const auto columns = static_cast<int>(statement.columns.size());
  Rows rows(statement.columns.size());
  for (int row = 0; row < PQntuples(result); ++row)
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) == 1) {
        rows.add_null();
        continue;
      }
      const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
      add_cell(rows, {PQgetvalue(result, row, column), size}, statement.columns[static_cast<std::size_t>(column)]);
    }
  return rows;
}

Result<> Connection::execute_script(const std::string& script) {
  if (error_) return failure();
  sync();
  if (!is_lost_ && PQexitPipelineMode(handle_) != 1) lose(PQerrorMessage(handle_));
  if (!is_lost_ && PQsendQuery(handle_, script.c_str()) != 1) lose(PQerrorMessage(handle_));
  while (const ResultPointer result = next_result()) note(result.get());
  if (!is_lost_ && PQenterPipelineMode(handle_) != 1) lose(PQerrorMessage(handle_));
  if (!error_) return {};
  Failure failed = failure();
  if (!is_lost_) error_.reset();
  return failed;
}

Result<> Connection::set_tenant(std::string_view tenant) { return send(set_tenant_statement, {{Value(tenant)}}); }

Result<> Connection::begin() {
  sums_.clear();
  is_walking_ = false;
  return send(begin_statement, Values{});
}

Result<> Connection::begin_read() {
  is_walking_ = false;
  return send(begin_read_statement, Values{});
}

Result<> Connection::take_part() {
  const Rows rows = TRY(query(take_part_statement, Values{}));
  // With more writers than parts some wait for each other.
  part_ = rows.empty() ? 0 : rows.front().integer(0);
  return {};
}

Result<> Connection::store_sums() {
  const std::vector<Sum> sums = sums_.totals();
  if (sums.empty()) return {};
  if (!part_) TRY(take_part());
  TRY(set_tenant("*"));
  for (const std::vector<Sum>& of_one : sums_.by_owner())
    TRY(send(count_log::insert_changes, {{Value(of_one.front().owner), Value(Blob{count_log::pack(of_one)})}}));
  for (const Sum& sum : sums)
    TRY(send(sum.statement, {{Value(sum.owner), Value(sum.name), Value(*part_), Value(sum.amount)}}));
  return {};
}

Commit Connection::commit(Deadline latest) {
  // Whatever went wrong before, the server has not been asked to commit.
  if (auto stored = store_sums(); !stored) return Commit::refused;
  if (auto sent = send(commit_statement, Values{}); !sent) return Commit::refused;
  queue_sync();
  latest_ = latest;
  ResultPointer answer;
  while (!queued_.empty() && !is_lost_)
    if (ResultPointer result = read_command()) answer = std::move(result);
  latest_ = Deadline::max();
  if (is_lost_) return Commit::lost;
  if (error_) return Commit::refused;
  // A transaction that failed before is rolled back by its COMMIT, which says so.
  if (std::string_view(PQcmdStatus(answer.get())) == "COMMIT") return Commit::done;
  error_ = failure_of("40000", "the server rolled back").error();
  return Commit::refused;
}

void Connection::end_read() {
  if (!send(commit_statement, Values{})) return roll_back();
  queue_sync();
  if (!is_lost_ && PQflush(handle_) < 0) lose(PQerrorMessage(handle_));
}

void Connection::roll_back() {
  sync();
  if (!is_lost_) {
    error_.reset();
    if (PQtransactionStatus(handle_) == PQTRANS_IDLE) return;
    if (PQsendQueryParams(handle_, "ROLLBACK", 0, nullptr, nullptr, nullptr, nullptr, 1) != 1)
      return lose(PQerrorMessage(handle_));
    queued_.emplace_back();
    sync();
  }
}

bool Connection::is_alive() {
  if (is_lost_) return false;
  pollfd wanted{PQsocket(handle_), POLLIN, 0};
  // The last word of a server comes before the end of the stream, and may be all there is yet.
  while (!is_lost_ && ::poll(&wanted, 1, 0) > 0)
    if (PQconsumeInput(handle_) == 0 || PQstatus(handle_) == CONNECTION_BAD) lose(PQerrorMessage(handle_));
  return !is_lost_;
}

}  // namespace paylink::sql::postgres
