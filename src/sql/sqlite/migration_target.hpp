#pragma once

#include "sql/migration.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::sql::sqlite {

class SqliteMigrationTarget final : public MigrationTarget {
 public:
  explicit SqliteMigrationTarget(Connection& connection) : connection_(connection) {}

  Result<> execute_script(std::string_view script) override;
  Result<int> schema_version() override;
  Result<> record(const Migration& migration, Time now) override;
  Result<> in_transaction(const std::function<Result<>()>& steps) override;

 private:
  Connection& connection_;
};

}  // namespace paylink::sql::sqlite
