#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace paylink::sql {

// One forward step of a schema: a file NNNN_name.sql that starts with a comment saying why.
struct Migration {
  int number;  // 1, 2, 3, … without a gap
  std::string_view name;
  std::string_view script;
};

// What the runner needs of a connection; a script is any number of statements without parameters.
class MigrationTarget {
 public:
  virtual Result<> execute_script(std::string_view script) = 0;
  // The number of the newest migration applied, 0 for an empty database. Changes nothing.
  virtual Result<int> schema_version() = 0;
  virtual Result<> record(const Migration& migration, Time now) = 0;
  // Everything `steps` does happens in one transaction, or nothing.
  virtual Result<> in_transaction(const std::function<Result<>()>& steps) = 0;
  // What an engine adds to every schema, once the migrations have been applied.
  virtual Result<> finish() { return {}; }

 protected:
  ~MigrationTarget() = default;
};

// Applies what is missing, each migration in a transaction of its own, and answers how many there were. Fails with
// `schema_too_new` when the database was made by a newer version of the program.
Result<int> migrate(MigrationTarget& target, std::span<const Migration> migrations, Time now);

}  // namespace paylink::sql
