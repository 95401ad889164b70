#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "main/data_dir.hpp"
#include "main/settings.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::main {

// The database a command works on alone, without lanes: opened, migrated.
class Database {
 public:
  // Fails with `schema_too_new` when a newer paylink has been here.
  static Result<std::unique_ptr<Database>> open(const Settings& settings, const DataDir& data_dir, const Clock& clock,
                                                Random& random);

  const std::string& path() const { return path_; }
  int migrated() const { return migrated_; }  // how many migrations were applied now
  // One transaction.
  Result<> write(const sql::Tenant& tenant, const std::function<Result<>(sql::Transaction&)>& step);

 private:
  Database(std::string path, std::unique_ptr<sql::sqlite::Connection> connection, int migrated, const Clock& clock,
           Random& random)
      : path_(std::move(path)),
        connection_(std::move(connection)),
        migrated_(migrated),
        clock_(clock),
        random_(random) {}
  std::string path_;
  std::unique_ptr<sql::sqlite::Connection> connection_;
  int migrated_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace paylink::main
