#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "sql/sums.hpp"
#include "sql/transaction.hpp"

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace paylink::sql::sqlite {

enum class Mode : std::uint8_t { write, read };

// What is kept of the log of writes when it begins anew. It gets longer only while somebody reads from it.
constexpr std::int64_t log_bytes_max = 16 << 20;
// From which size on, in bytes, connections that only read find a file's pages where the system keeps them
// (mapped_files). What is asked for of a smaller one is in their caches.
constexpr std::int64_t map_from_bytes = std::int64_t{64} << 20;

// What a COMMIT came to. `unknown`: an I/O error struck while committing, or the disk ran full when all of the commit
// was in the log, so the transaction may or may not be there after a restart. Nobody may be told either; the process
// has to end.
enum class Commit : std::uint8_t { done, refused, unknown };

// One connection to a database file, for one thread at a time. WAL, synchronous=FULL: what has been committed survives
// a power cut.
class Connection {
 public:
  // Creates the file when it is opened for writing. Fails with `storage_unavailable`.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode,
                                                  std::int64_t map_from = map_from_bytes);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Statements that take longer fail from now on with `storage_unavailable`, after some milliseconds more at most.
  void limit_statements(std::chrono::milliseconds time);

  // Runs a constant statement with its parameters and returns its rows. Statements are prepared once and found again by
  // their address.
  Result<Rows> query(std::string_view statement, Values values);
  // What is added to counts is stored by `commit`, and goes with the savepoint or the transaction it was added in.
  void add(const Sum& sum) { sums_.add(sum); }
  // By the last transaction, until the next one begins.
  std::span<const Sum> added() const { return sums_.added(); }
  // Runs any number of statements without parameters.
  Result<> execute_script(const std::string& script);

  // Takes the write lock at once on a writing connection. Fails while the transaction before it cannot be taken back.
  Result<> begin();
  Result<> savepoint();
  Result<> release();       // the savepoint's changes stay
  Result<> roll_back_to();  // they go, and the savepoint with them
  Commit commit();
  // What cannot be taken back now, for want of memory, is never committed: `begin` and `commit` try again.
  void roll_back();
  // False when an error has thrown the whole transaction away (disk full, out of memory, I/O), or it is to be.
  bool in_transaction() const;
  // The size of the log of writes; 0 where there is none.
  Result<std::int64_t> log_bytes();
  // Stores the log of writes once more, as it reads: for whoever starts on a database that another process may have
  // left when a sync had failed. From then on the system shows what may not be on the disk, and no later sync brings it
  // there, while SQLite recovers from what is shown and builds on it; a power cut would then take what lies beneath.
  // Outside of a transaction, and before the first. Fails with `storage_unavailable`, also while others write.
  Result<> store_log_again();
  // Brings all of the log into the file, and cuts it, as soon as nobody reads from it. Waits
  // no longer than `patience` for those who do, and nobody writes meanwhile; false when somebody still does.
  Result<bool> restart_log(std::chrono::milliseconds patience);
  // The statements so far that went through a whole table, row by row; for tests of indexes.
  std::vector<std::string> scanning_statements() const;
  // Why the last COMMIT was not done; for the log and the caller.
  const Error& last_error() const { return last_error_; }

 private:
  struct Statement {
    sqlite3_stmt* handle;
    std::vector<int> slots;  // for each SQLite parameter the index of the value `$n` names
  };

  Connection(sqlite3* handle, Mode mode, std::optional<std::int64_t> map_from)
      : handle_(handle), mode_(mode), map_from_(map_from) {}
  Result<Statement*> prepare(std::string_view statement);
  Result<Rows> run(std::string_view statement, Values values);
  Result<> step(std::string_view statement);
  Result<> store_sums();
  Result<> map_if_large();
  Result<sqlite3_file*> log_file();
  bool is_stored_all_the_same();
  Failure failure(int code, std::string_view doing);
  bool has_taken_too_long();

  sqlite3* handle_;
  Mode mode_;
  std::optional<std::int64_t> map_from_;  // absent: the file is mapped, or never will be
  std::uint32_t begun_ = 0;               // transactions
  std::unordered_map<const char*, Statement> statements_;
  Sums sums_;
  std::size_t sums_before_savepoint_ = 0;
  std::uint64_t unreadable_before_ = 0;  // pages of mapped files, when this transaction began
  Error last_error_;
  std::chrono::milliseconds statement_time_{0};
  std::optional<std::chrono::steady_clock::time_point> looked_;  // first, at a statement that takes some time
  bool must_roll_back_ = false;  // SQLite is still inside a transaction of which nothing may stay
};

// The seam's implementation: a view of a connection inside a transaction somebody else begins and ends.
class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(Connection& connection, Time now, Random& random)
      : Transaction(now, random, true), connection_(connection) {}

  using Transaction::defer;
  using Transaction::query;
  Result<Rows> query(std::string_view statement, Values values) override {
    return connection_.query(statement, values);
  }
  Result<> defer(std::string_view statement, Values values) override;
  Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
               const Entry& entry) override;
  // One writer: whoever is inside a transaction decides alone.
  Result<bool> try_claim(std::string_view) override { return true; }

 private:
  Connection& connection_;
};

}  // namespace paylink::sql::sqlite
