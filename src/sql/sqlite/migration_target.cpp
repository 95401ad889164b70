#include "sql/sqlite/migration_target.hpp"

#include "sql/migrations_table.hpp"

namespace paylink::sql::sqlite {
namespace {

// Of its columns one will do; sqlite_master would be read through.
constexpr std::string_view has_migrations_table = "SELECT 1 FROM pragma_table_info('schema_migrations') LIMIT 1";

}  // namespace

Result<> SqliteMigrationTarget::execute_script(std::string_view script) {
  return connection_.execute_script(std::string(script));
}

Result<int> SqliteMigrationTarget::schema_version() {
  const Rows table = TRY(connection_.query(has_migrations_table, Values{}));
  if (table.empty()) return 0;
  const Rows rows = TRY(connection_.query(select_schema_version, Values{}));
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
