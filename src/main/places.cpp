#include "main/places.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include "main/database_name.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/whole_database.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/sqlite/whole_database.hpp"
#include "store/migrations.hpp"

namespace paylink::main {
namespace {

// As long as a table may take to be sorted.
constexpr std::chrono::hours statement_time{6};
constexpr std::chrono::seconds patience{3};

Failure in_use(const std::string& what) {
  return fail(ErrorCode::conflict, "in_use",
              what + " is in use by a server or another command. Stop that first; nothing was changed.");
}

class SqlitePlace final : public Place {
 public:
  SqlitePlace(std::string path, Random& random) : path_(std::move(path)), random_(random) {}

  Result<std::string> identity() override {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path_, error);
    const auto path = error ? absolute : std::filesystem::weakly_canonical(absolute, error);
    if (error) return unusable(error.message());
    return "sqlite:" + path.string();
  }

  bool exists() const override {
    std::error_code error;
    return std::filesystem::is_regular_file(path_, error);
  }

  // A server holds the lock of the directory of its file; one from before it did so has the file open.
  Result<> take(TakenDirs& dirs) override {
    const std::string directory = TRY(DataDir::path_of(path_));
    if (!dirs.contains(directory)) {
      auto taken = DataDir::open(directory);
      if (!taken && taken.error().reason == "data_dir_in_use") return in_use("The data directory " + directory);
      if (!taken) return std::move(taken).failure();
      dirs.emplace(directory, *std::move(taken));
    }
    if (sql::sqlite::is_open_elsewhere(path_)) return in_use("The file " + path_);
    return {};
  }

  Result<std::unique_ptr<sql::WholeDatabase>> look(Time now) override {
    return sql::sqlite::SqliteWholeDatabase::open(path_, sql::sqlite::Mode::read, now, random_);
  }

  Result<std::unique_ptr<sql::WholeDatabase>> prepare(Time now) override {
    {
      const auto connection = TRY(sql::sqlite::Connection::open(path_, sql::sqlite::Mode::write));
      sql::sqlite::SqliteMigrationTarget target(*connection);
      TRY(sql::migrate(target, store::migrations(), now));
    }
    return change(now);
  }

  // The directory's lock does that already.
  Result<> close() override { return {}; }

  Result<std::unique_ptr<sql::WholeDatabase>> change(Time now) override {
    return sql::sqlite::SqliteWholeDatabase::open(path_, sql::sqlite::Mode::write, now, random_);
  }

 private:
  Failure unusable(const std::string& why) const {
    return fail(ErrorCode::unavailable, "storage_unavailable", "The file " + path_ + " cannot be used: " + why + ".");
  }

  const std::string path_;
  Random& random_;
};

class PostgresPlace final : public Place {
 public:
  PostgresPlace(std::string url, Random& random) : url_(std::move(url)), random_(random) {}

  Result<std::string> identity() override {
    if (!guard_) guard_ = TRY(open(sql::postgres::Access::read, {}));
    return guard_->identity();
  }

  bool exists() const override { return true; }

  Result<> take(TakenDirs&) override {
    if (!guard_) guard_ = TRY(open(sql::postgres::Access::read, {}));
    return get_alone(*guard_, &sql::postgres::PostgresWholeDatabase::claim);
  }

  Result<std::unique_ptr<sql::WholeDatabase>> look(Time now) override {
    auto opened = TRY(open(sql::postgres::Access::read, now));
    return std::unique_ptr<sql::WholeDatabase>(std::move(opened));
  }

  Result<std::unique_ptr<sql::WholeDatabase>> prepare(Time now) override {
    {
      // The lock of those who migrate ends with its connection.
      const auto connection = TRY(sql::postgres::Connection::open(options()));
      sql::postgres::PostgresMigrationTarget target(*connection);
      TRY(sql::migrate(target, store::migrations(), now));
    }
    auto opened = TRY(open(sql::postgres::Access::write, now));
    // By this very session: one whose process was killed may still be at its last commit, and the next run waits for
    // it.
    TRY(get_alone(*opened, &sql::postgres::PostgresWholeDatabase::keep_servers_out));
    return std::unique_ptr<sql::WholeDatabase>(std::move(opened));
  }

  Result<> close() override { return get_alone(*guard_, &sql::postgres::PostgresWholeDatabase::keep_servers_out); }

  Result<std::unique_ptr<sql::WholeDatabase>> change(Time now) override {
    auto opened = TRY(open(sql::postgres::Access::write, now));
    return std::unique_ptr<sql::WholeDatabase>(std::move(opened));
  }

 private:
  // The sessions of a process that has just ended, or was killed, are there for a moment longer.
  static Result<> get_alone(sql::postgres::PostgresWholeDatabase& database,
                            Result<bool> (sql::postgres::PostgresWholeDatabase::*lock)()) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
      const bool is_locked = TRY((database.*lock)());
      const bool is_in_use = TRY(database.is_in_use());
      if (is_locked && !is_in_use) return {};
      if (std::chrono::steady_clock::now() > end) return in_use("The PostgreSQL database");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  // A name that is none of a server's: see is_in_use.
  sql::postgres::Options options() const {
    return {.url = url_, .application_name = "paylink-move", .statement_time = statement_time};
  }
  Result<std::unique_ptr<sql::postgres::PostgresWholeDatabase>> open(sql::postgres::Access access, Time now) const {
    auto opened = sql::postgres::PostgresWholeDatabase::open(options(), access, now, random_);
    if (!opened)
      return fail(ErrorCode::unavailable, "storage_unavailable",
                  "The database cannot be reached: " + opened.error().detail, opened.error().detail);
    return opened;
  }

  const std::string url_;
  Random& random_;
  std::unique_ptr<sql::postgres::PostgresWholeDatabase> guard_;  // holds the locks
};

}  // namespace

Result<std::unique_ptr<Place>> Place::parse(const std::string& flag, const std::string& name, Random& random) {
  auto known = TRY(read_database_name(flag, name));
  if (known.engine == DatabaseName::Engine::postgres)
    return std::unique_ptr<Place>(std::make_unique<PostgresPlace>(std::move(known.place), random));
  return std::unique_ptr<Place>(std::make_unique<SqlitePlace>(std::move(known.place), random));
}

}  // namespace paylink::main
