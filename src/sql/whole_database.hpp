#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/table.hpp"
#include "sql/transaction.hpp"

namespace paylink::sql {

// The rows of one table, from one place on, in the order that `compare_keys` has.
class Scan {
 public:
  virtual ~Scan() = default;
  // The next rows with all columns of the table in its order: at most `count`, fewer only at the end.
  virtual Result<Rows> next(std::size_t count) = 0;
};

// A database as a whole, for what moves and compares all that is in it: its statements are made from its catalog.
// Failures are those of Transaction.
class WholeDatabase {
 public:
  using Step = std::function<Result<>(Transaction&)>;

  virtual ~WholeDatabase() = default;
  WholeDatabase(const WholeDatabase&) = delete;
  WholeDatabase& operator=(const WholeDatabase&) = delete;

  // What tells it from every other database, however it was named; holds no secret.
  virtual Result<std::string> identity() = 0;
  virtual Result<std::vector<Table>> tables() = 0;
  // Everybody's rows; kept when `step` succeeds. One that was opened for reading shows one moment.
  virtual Result<> in_transaction(const Step& step) = 0;
  // From behind the key `after` (`key_of`), or from the start when it is empty. Lives as long as its transaction.
  virtual std::unique_ptr<Scan> scan(Transaction& tx, const Table& table, std::string after) = 0;
  // After many rows have come: whatever the engine wants to know of them.
  virtual Result<> settle() { return {}; }
  // All that was committed is in what the database is known by, where the engine also keeps some of it elsewhere. Fails
  // with `in_use` while somebody is in the way.
  virtual Result<> make_whole() { return {}; }

  // The drivers know a statement by the address of its text, so every text that is made is kept, once, for as long as
  // this lives, which is longer than its connection.
  virtual std::string_view keep(std::string text) { return *texts_.insert(std::move(text)).first; }

 protected:
  WholeDatabase() = default;

 private:
  std::set<std::string> texts_;
};

}  // namespace paylink::sql
