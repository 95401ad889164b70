#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::simulator {

// The simulator's own database file, so that it outlives a crash of the program it runs in, as a real provider would.
// One transaction at a time, from any thread.
class Database {
 public:
  // Creates the file and its tables. Fails with `storage_unavailable` or `schema_too_new`.
  static Result<std::unique_ptr<Database>> open(const std::string& path, const Clock& clock, Random& random);

  // Runs `step` in a transaction and returns once it is committed; a failure leaves nothing behind. Ends the process
  // when the outcome of the commit is unknown.
  Result<> write(const std::function<Result<>(sql::Transaction&)>& step);

  // The statements so far that went through a whole table; for tests of indexes.
  std::vector<std::string> scanning_statements() const { return connection_->scanning_statements(); }

 private:
  Database(std::unique_ptr<sql::sqlite::Connection> connection, const Clock& clock, Random& random)
      : connection_(std::move(connection)), clock_(clock), random_(random) {}

  std::unique_ptr<sql::sqlite::Connection> connection_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
};

}  // namespace paylink::simulator
