#include "simulator/database.hpp"

#include <cstdlib>
#include <vector>

#include "base/log.hpp"
#include "simulator/embedded.hpp"
#include "sql/migration.hpp"
#include "sql/sqlite/migration_target.hpp"

namespace paylink::simulator {

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const Clock& clock, Random& random) {
  auto connection = TRY(sql::sqlite::Connection::open(path, sql::sqlite::Mode::write));
  std::vector<sql::Migration> migrations;
  for (const EmbeddedFile& file : embedded_files())
    migrations.push_back({static_cast<int>(migrations.size()) + 1, file.path, file.content});
  sql::sqlite::SqliteMigrationTarget target(*connection);
  TRY(sql::migrate(target, migrations, clock.now()));
  return std::unique_ptr<Database>(new Database(std::move(connection), clock, random));
}

Result<> Database::write(const std::function<Result<>(sql::Transaction&)>& step) {
  const std::lock_guard lock(mutex_);
  TRY(connection_->begin());
  sql::sqlite::SqliteTransaction tx(*connection_, clock_.now(), random_);
  if (auto outcome = step(tx); !outcome) {
    if (connection_->in_transaction()) connection_->roll_back();
    return outcome;
  }
  switch (connection_->commit()) {
    case sql::sqlite::Commit::done:
      return {};
    case sql::sqlite::Commit::refused:
      return Failure{connection_->last_error()};
    case sql::sqlite::Commit::unknown:
      break;
  }
  LOG(error, "simulator_commit_unknown", {"detail", connection_->last_error().detail});
  stop_logging();
  std::abort();
}

}  // namespace paylink::simulator
