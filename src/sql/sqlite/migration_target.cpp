#include "sql/sqlite/migration_target.hpp"

namespace paylink::sql::sqlite {
namespace {

constexpr char create_table[] = R"sql(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at BIGINT NOT NULL
  )
)sql";

constexpr std::string_view select_version = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

constexpr std::string_view insert_migration =
    "INSERT INTO schema_migrations (number, name, applied_at) VALUES ($1, $2, $3)";

}  // namespace

Result<> SqliteMigrationTarget::execute_script(std::string_view script) {
  return connection_.execute_script(std::string(script));
}

Result<int> SqliteMigrationTarget::schema_version() {
  TRY(connection_.execute_script(create_table));
  const Rows rows = TRY(connection_.query(select_version, Values{}));
  return static_cast<int>(rows.front().integer(0));
}

Result<> SqliteMigrationTarget::record(const Migration& migration, Time now) {
  const Value values[] = {migration.number, migration.name, now};
  TRY(connection_.query(insert_migration, values));
  return {};
}

Result<> SqliteMigrationTarget::in_transaction(const std::function<Result<>()>& steps) {
  TRY(connection_.begin());
  if (auto done = steps(); !done) {
    connection_.roll_back();
    return done;
  }
  if (connection_.commit() != Commit::done) return Failure{connection_.last_error()};
  return {};
}

}  // namespace paylink::sql::sqlite
