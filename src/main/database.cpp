#include "main/database.hpp"

#include "sql/sqlite/migration_target.hpp"
#include "store/migrations.hpp"

namespace paylink::main {
namespace {

Result<std::string> path_of(const Settings& settings, const DataDir& data_dir) {
  if (settings.database.empty()) return data_dir.file("paylink.db");
  if (settings.database.starts_with("sqlite:")) return settings.database.substr(7);
  return fail(ErrorCode::invalid_input, "bad_setting",
              "The setting database must be sqlite:PATH, not `" + settings.database + "`.");
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Settings& settings, const DataDir& data_dir, const Clock& clock,
                                                 Random& random) {
  std::string path = TRY(path_of(settings, data_dir));
  auto connection = TRY(sql::sqlite::Connection::open(path, sql::sqlite::Mode::write));
  sql::sqlite::SqliteMigrationTarget target(*connection);
  const int migrated = TRY(sql::migrate(target, store::migrations(), clock.now()));
  return std::unique_ptr<Database>(new Database(std::move(path), std::move(connection), migrated, clock, random));
}

// One file has no rows that only some may see: `tenant` is for engines that have.
Result<> Database::write(const sql::Tenant&, const std::function<Result<>(sql::Transaction&)>& step) {
  TRY(connection_->begin());
  sql::sqlite::SqliteTransaction tx(*connection_, clock_.now(), random_);
  if (auto done = step(tx); !done) {
    connection_->roll_back();
    return done;
  }
  if (connection_->commit() != sql::sqlite::Commit::done) return Failure{connection_->last_error()};
  return {};
}

}  // namespace paylink::main
