#include "sql/migration.hpp"

#include <string>

#include "sql/migrations_table.hpp"

namespace paylink::sql {

Result<int> migrate(MigrationTarget& target, std::span<const Migration> migrations, Time now) {
  const int version = TRY(target.schema_version());
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (version > known)
    return fail(ErrorCode::conflict, "schema_too_new",
                "The database has schema version " + std::to_string(version) + ", this program knows versions up to " +
                    std::to_string(known) + ". Start a newer paylink on it.");
  if (version == 0) TRY(target.execute_script(create_migrations_table));
  int applied = 0;
  for (const Migration& migration : migrations) {
    if (migration.number <= version) continue;
    const auto apply = [&]() -> Result<> {
      TRY(target.execute_script(migration.script));
      return target.record(migration, now);
    };
    TRY(target.in_transaction(apply));
    ++applied;
  }
  TRY(target.finish());
  return applied;
}

}  // namespace paylink::sql
