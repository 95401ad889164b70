#pragma once

#include "sql/migration.hpp"
#include "sql/postgres/connection.hpp"

namespace paylink::sql::postgres {

// The advisory lock that a node takes when it starts, and whoever wants none to start.
constexpr std::int64_t migration_lock = 7310868735428127603;

// Nodes that start together migrate one after the other: whoever asks for the schema's version first holds a lock until
// its connection closes. So the connection is one of its own, and its statements may take long.
class PostgresMigrationTarget final : public MigrationTarget {
 public:
  explicit PostgresMigrationTarget(Connection& connection) : connection_(connection) {}

  Result<> execute_script(std::string_view script) override;
  Result<int> schema_version() override;
  Result<> record(const Migration& migration, Time now) override;
  Result<> in_transaction(const std::function<Result<>()>& steps) override;
  // Row-level security for every table with a column organization_id, and for organizations, as sql::Tenant says; the
  // table by which a lane learns what became of a COMMIT whose answer was lost; and the log of counts (`count_log`).
  // Changes nothing when it is there.
  Result<> finish() override;

 private:
  Connection& connection_;
};

}  // namespace paylink::sql::postgres
