#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "sql/postgres/wire.hpp"
#include "sql/sums.hpp"
#include "sql/transaction.hpp"

struct pg_conn;
struct pg_result;

namespace paylink::sql::postgres {

struct Options {
  std::string url;  // `postgresql://…`, as libpq reads it
  // Shown in pg_stat_activity. Cut to 63 bytes by the server.
  std::string application_name = "paylink";
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds statement_time{10'000};  // the server ends a statement that takes longer
};

// What becomes of the rows a SELECT finds: nothing; nobody else changes them before the transaction ends; the same, and
// those that others have taken are passed over.
enum class Hold : std::uint8_t { none, wait, skip };

// What a COMMIT came to. `lost`: the connection went away meanwhile, and it is not known whether it was done.
enum class Commit : std::uint8_t { done, refused, lost };

// One connection to a PostgreSQL server that takes writes, for one thread at a time, in libpq's pipeline mode: what is
// sent is only queued, and goes out together with the next question. Every wait has a deadline.
//
// After the first failure nothing more is sent: everything fails with the same error until `roll_back`.
class Connection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Fails with `storage_unavailable`.
  static Result<std::unique_ptr<Connection>> open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues a run of a constant statement. What goes wrong with it is told by whatever waits next.
  Result<> send(std::string_view statement, Values values, Hold hold = Hold::none);
  // Queues it, and has `answer` filled by the next `receive`, until when it must stay where it is.
  Result<> post(std::string_view statement, Values values, std::optional<Rows>& answer, Hold hold = Hold::none);
  // The same for a SELECT inside a transaction that is planned once, and by indexes in the order they have.
  Result<> post_walk(std::string_view statement, Values values, std::optional<Rows>& answer);
  // Waits for everything queued.
  Result<> receive();
  // Runs it after everything queued, and waits.
  Result<Rows> query(std::string_view statement, Values values, Hold hold = Hold::none);
  // What is added to counts is stored by `commit`.
  void add(const Sum& sum) { sums_.add(sum); }
  // By the last transaction, until the next one begins.
  std::span<const Sum> added() const { return sums_.added(); }
  // Whose rows are seen and changed from here to the end of the transaction (row-level security); `*`: everybody's.
  Result<> set_tenant(std::string_view tenant);
  // Any number of statements without parameters, in one transaction unless they say otherwise.
  Result<> execute_script(const std::string& script);

  Result<> begin();
  Result<> begin_read();  // a snapshot of one moment
  // Waits, until `latest` at most; `error` says why when it is not done.
  Commit commit(Deadline latest = Deadline::max());
  // Ends what `begin_read` began, without waiting for the answer.
  void end_read();
  void roll_back();

  // The first failure since the transaction began.
  const std::optional<Error>& error() const { return error_; }
  bool is_lost() const { return is_lost_; }
  // Between transactions: false when the server has hung up meanwhile.
  bool is_alive();

 private:
  struct Statement {
    std::string name;
    std::vector<TypeNumber> parameters;
    std::vector<TypeNumber> columns;
  };
  struct ClearResult {
    void operator()(pg_result* result) const;
  };
  using ResultPointer = std::unique_ptr<pg_result, ClearResult>;

  Connection(pg_conn* handle, std::chrono::milliseconds answer_time) : handle_(handle), answer_time_(answer_time) {}
  Result<> set_up(std::chrono::milliseconds statement_time);
  Result<const Statement*> prepare(std::string_view statement, Hold hold);
  Result<> describe(const std::string& name, Statement& prepared);
  Result<> set_walking(bool is_walking);
  Result<> post_as_set(std::string_view statement, Values values, std::optional<Rows>& answer, Hold hold);
  Result<> queue(const Statement& statement, Values values, std::optional<Rows>* answer);
  Result<> store_sums();
  Result<> take_part();
  void read_all();
  void sync();
  void queue_sync();
  ResultPointer read_command();
  ResultPointer next_result();
  bool wait_for_answer();
  void note(const pg_result* result);
  void lose(std::string detail);
  Failure failure() const;
  static Rows rows_of(const pg_result* result, const Statement& statement);

  pg_conn* handle_;
  std::chrono::milliseconds answer_time_;
  Deadline latest_ = Deadline::max();                                     // of all waits, whatever their answers' time
  std::array<std::unordered_map<const char*, Statement>, 3> statements_;  // by Hold
  std::size_t statements_made_ = 0;
  // A command whose answer has not been read, and what becomes of its rows.
  struct Queued {
    const Statement* statement = nullptr;
    std::optional<Rows>* answer = nullptr;
    bool is_sync = false;  // no command: where the server goes on after an error
  };
  std::deque<Queued> queued_;
  Sums sums_;
  std::optional<std::int64_t> part_;  // of every count, this connection's own
  std::optional<Error> error_;
  bool is_walking_ = false;  // what the transaction has told the planner
  bool is_lost_ = false;
};

}  // namespace paylink::sql::postgres
