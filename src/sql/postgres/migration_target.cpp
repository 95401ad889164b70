#include "sql/postgres/migration_target.hpp"

#include "sql/migrations_table.hpp"
#include "sql/postgres/count_log.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view take_lock = "SELECT pg_advisory_lock($1)";

// Where one would be made, wherever else there is one.
constexpr std::string_view has_migrations_table =
    "SELECT to_regclass(quote_ident(current_schema()) || '.schema_migrations') IS NOT NULL";

// The sub-selects are run once for each statement, not once for each row. Without a setting they are NULL, and no row
// is seen.
constexpr char protect_tenants[] = R"sql(
  DO $do$
  DECLARE
    protected RECORD;
  BEGIN
    FOR protected IN
      SELECT c.oid::regclass AS name, a.attname AS owner
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND (a.attname = 'organization_id' OR (c.relname = 'organizations' AND a.attname = 'id'))
        AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')
    LOOP
      EXECUTE format(
        'CREATE POLICY tenant ON %s USING ('
        '(SELECT current_setting(''paylink.tenant'', true)) = ''*'' OR %I = '
        '(SELECT NULLIF(NULLIF(current_setting(''paylink.tenant'', true), ''''), ''*'')::uuid))',
        protected.name, protected.owner);
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected.name);
      EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected.name);
    END LOOP;
  END
  $do$;

  CREATE TABLE IF NOT EXISTS lane_batches (
    lane UUID PRIMARY KEY,
    batch BIGINT NOT NULL,
    opened_at BIGINT NOT NULL
  ) WITH (fillfactor = 50);
  -- Nobody asks for the fate of a commit that is so old.
  DELETE FROM lane_batches WHERE opened_at < (extract(epoch FROM now()) - 7 * 86400) * 1000000;
)sql";

}  // namespace

Result<> PostgresMigrationTarget::execute_script(std::string_view script) {
  return connection_.execute_script(std::string(script));
}

Result<int> PostgresMigrationTarget::schema_version() {
  const Value lock[] = {migration_lock};
  TRY(connection_.query(take_lock, lock));
  const Rows table = TRY(connection_.query(has_migrations_table, Values{}));
  if (!table.front().flag(0)) return 0;
  const Rows rows = TRY(connection_.query(select_schema_version, Values{}));
  return static_cast<int>(rows.front().integer(0));
}

Result<> PostgresMigrationTarget::record(const Migration& migration, Time now) {
  const Value values[] = {migration.number, migration.name, now};
  return connection_.send(insert_migration, values);
}

Result<> PostgresMigrationTarget::in_transaction(const std::function<Result<>()>& steps) {
  TRY(connection_.begin());
  // Migrations change the rows of all tenants.
  TRY(connection_.execute_script("SELECT set_config('paylink.tenant', '*', true)"));
  if (auto done = steps(); !done) {
    connection_.roll_back();
    return done;
  }
  if (connection_.commit() != Commit::done) return Failure{*connection_.error()};
  return {};
}

Result<> PostgresMigrationTarget::finish() {
  return connection_.execute_script(std::string(count_log::tables) + protect_tenants);
}

}  // namespace paylink::sql::postgres
