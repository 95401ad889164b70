#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/log.hpp"
#include "main/database.hpp"
#include "runtime/sqlite_lane.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/sqlite/upkeep.hpp"
#include "store/migrations.hpp"

namespace paylink::main {
namespace {

// Nobody may be told yes or no about a commit whose outcome is not known: end at once, so that every connection closes
// unanswered. The next start recovers, and the clients' idempotency keys tell them what became of it.
[[noreturn]] void die_unanswered(const Error& error) {
  std::cerr << R"({"level":"error","event":"commit_outcome_unknown","detail":")" << error.reason << "\"}" << std::endl;
  std::_Exit(70);
}

// Answers one when there is more to do.
Result<int> look_after_file(sql::Transaction& tx) {
  const bool had_statistics = TRY(sql::sqlite::forget_statistics(tx));
  if (had_statistics) LOG(warn, "statistics_removed");
  const bool has_more = TRY(sql::sqlite::give_back_free_pages(tx));
  return has_more ? 1 : 0;
}

Task<Result<int>> look_after_file_of(app::Lane& lane) {
  auto looked = co_await lane.write(sql::Tenant::everybody(), look_after_file);
  co_return looked;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, std::unique_ptr<DataDir> place, std::unique_ptr<sql::sqlite::Connection> connection,
                 int migrated, const Clock& clock, Random& random)
      : Database(migrated, clock, random),
        path_(std::move(path)),
        place_(std::move(place)),
        connection_(std::move(connection)) {}

  Shared shared() const override { return Shared::no; }

  // One file has no rows that only some may see: the tenant is for engines that have.
  Result<> write(const sql::Tenant&, const Step& step) override {
    TRY(connection_->begin());
    sql::sqlite::SqliteTransaction tx(*connection_, clock_.now(), random_);
    if (auto done = step(tx); !done) {
      connection_->roll_back();
      return done;
    }
    if (connection_->commit() != sql::sqlite::Commit::done) return Failure{connection_->last_error()};
    return {};
  }

  Result<std::unique_ptr<app::Lane>> make_lane(const Settings& settings, runtime::Answer answer,
                                               sql::CountListener& listener) override {
    runtime::SqliteLaneOptions options{.path = path_, .queue_max = settings.write_queue, .listener = &listener};
    options.answer = answer;
    auto lane = TRY(runtime::SqliteLane::create(std::move(options), clock_, random_, die_unanswered));
    return std::unique_ptr<app::Lane>(std::move(lane));
  }

  std::vector<runtime::WorkerJob> upkeep(app::Lane& lane) const override {
    const auto look = [&lane](int) { return look_after_file_of(lane); };
    return {{.name = "upkeep", .interval = std::chrono::minutes(1), .chunk = 1, .look = look, .gives_way = true}};
  }

 private:
  const std::string path_;
  const std::unique_ptr<DataDir> place_;  // null: it is the data directory
  const std::unique_ptr<sql::sqlite::Connection> connection_;
};

// Servers with different data directories may be given the same file.
Result<std::unique_ptr<DataDir>> take_place_of(const std::string& path, const DataDir& data_dir) {
  const std::string place = TRY(DataDir::path_of(path));
  const std::string known = TRY(DataDir::path_of(data_dir.file("lock")));  // no link, as a database may be
  if (place == known) return std::unique_ptr<DataDir>();
  auto taken = DataDir::open(place);
  if (!taken && taken.error().reason == "data_dir_in_use")
    return fail(ErrorCode::conflict, "data_dir_in_use",
                "The directory " + place + " of the database is in use by another paylink. Stop that one first.");
  return taken;
}

// Opened for writing, a file that is none of ours would be changed already.
Result<> look_at(const std::string& path, const Expected& expected, const Clock& clock, Random& random) {
  const auto connection = TRY(sql::sqlite::Connection::open(path, sql::sqlite::Mode::read));
  const int version = TRY(sql::sqlite::SqliteMigrationTarget(*connection).schema_version());
  sql::sqlite::SqliteTransaction tx(*connection, clock.now(), random);
  return check_expected(expected, path, version, tx);
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const DataDir& data_dir,
                                              const Expected& expected, const Clock& clock, Random& random) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(path, error) || error;  // or something is in the way, as is said below
  if (expected.installation == Installation::is_there && !is_there) return no_organization(path);
  auto place = TRY(take_place_of(path, data_dir));
  if (is_there) TRY(look_at(path, expected, clock, random));
  auto connection = TRY(sql::sqlite::Connection::open(path, sql::sqlite::Mode::write));
  TRY(connection->store_log_again());
  sql::sqlite::SqliteMigrationTarget target(*connection);
  const int migrated = TRY(sql::migrate(target, store::migrations(), clock.now()));
  return std::unique_ptr<Database>(
      std::make_unique<SqliteDatabase>(path, std::move(place), std::move(connection), migrated, clock, random));
}

}  // namespace paylink::main
