#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "main/database.hpp"
#include "main/write_now.hpp"
#include "runtime/postgres_lane.hpp"
#include "sql/postgres/connection.hpp"
#include "sql/postgres/count_log.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/transaction.hpp"
#include "sql/postgres/upkeep.hpp"
#include "store/migrations.hpp"
#include "store/moves.hpp"

namespace paylink::main {
namespace {

// A migration may have to rewrite a table.
constexpr std::chrono::hours migration_time{6};

constexpr std::string_view bypasses_row_security =
    "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";

// Who takes over what another node has let go, and how long a code or a token lasts, is told by the nodes' clocks.
void tell_of_clock(std::chrono::microseconds difference) {
  constexpr std::chrono::seconds tolerable{5};
  if (std::chrono::abs(difference) <= tolerable) return;
  LOG(error, "clock_differs", {"database_ahead_ms", difference / std::chrono::milliseconds(1)});
}

Task<Result<int>> look_after_database(app::Lane& lane, int limit) {
  int purged = 0;
  std::chrono::microseconds difference{0};
  const auto look = [&](sql::Transaction& tx) -> Result<> {
    difference = TRY(sql::postgres::clock_difference(SystemClock(), tx));
    purged = TRY(sql::postgres::count_log::purge(limit, tx));
    return {};
  };
  auto done = co_await lane.write(sql::Tenant::everybody(), look);
  if (!done) co_return Failure{done.error()};
  if (purged < limit) tell_of_clock(difference);
  co_return purged;
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string url, Departed departed, bool has_wall, int migrated, const Clock& clock, Random& random)
      : Database(migrated, clock, random), url_(std::move(url)), departed_(departed), has_wall_(has_wall) {}

  Shared shared() const override { return Shared::yes; }

  // By a lane of one connection, which knows what to do about a server that goes away.
  Result<> write(const sql::Tenant& tenant, const Step& step) override {
    runtime::PostgresLane lane({.url = url_, .writers = 1, .readers = 0, .admit = admit()}, clock_, random_);
    return write_now(lane, tenant, step);
  }

  Result<std::unique_ptr<app::Lane>> make_lane(const Settings& settings, runtime::Answer answer,
                                               sql::CountListener&) override {
    // Statements name their organization all the same; that one which does not would be stopped is lost.
    if (!has_wall_) LOG(warn, "row_security_bypassed");
    const int writers = std::max(1, settings.postgres_connections / 2);
    const int readers = std::max(1, settings.postgres_connections - writers);
    runtime::PostgresLaneOptions options{
        .url = url_, .queue_max = settings.write_queue, .writers = writers, .readers = readers, .admit = admit()};
    options.answer = answer;
    return std::unique_ptr<app::Lane>(std::make_unique<runtime::PostgresLane>(options, clock_, random_));
  }

  std::vector<runtime::WorkerJob> upkeep(app::Lane& lane) const override {
    const auto look = [&lane](int limit) { return look_after_database(lane, limit); };
    return {{.name = "upkeep", .interval = std::chrono::minutes(1), .chunk = 500, .look = look, .gives_way = true}};
  }

 private:
  // A server whose sessions were all away while its installation was moved must not go on with it.
  std::function<Result<>(sql::postgres::Connection&)> admit() const {
    if (departed_ == Departed::accepted) return {};
    return [&clock = clock_, &random = random_](sql::postgres::Connection& connection) -> Result<> {
      TRY(connection.begin_read());
      sql::postgres::PostgresTransaction tx(connection, clock.now(), random);
      auto here = store::Moves(tx).check_here();
      connection.end_read();
      if (!here && here.error().reason == "moved_away") {
        return fail(ErrorCode::unavailable, "moved_away", "The storage is not available now. Try again later.",
                    here.error().message);
      }
      return here;
    };
  }

  const std::string url_;
  const Departed departed_;
  const bool has_wall_;  // row-level security holds for our role
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const Expected& expected, const Clock& clock,
                                                Random& random) {
  auto opened = sql::postgres::Connection::open(
      {.url = url, .application_name = "paylink migrate", .statement_time = migration_time});
  if (!opened)
    return fail(ErrorCode::unavailable, "storage_unavailable",
                "The database cannot be reached: " + opened.error().detail, opened.error().detail);
  sql::postgres::PostgresMigrationTarget target(**opened);
  sql::postgres::PostgresTransaction tx(**opened, clock.now(), random);
  const int version = TRY(target.schema_version());
  TRY(check_expected(expected, "the PostgreSQL database", version, tx));
  const int migrated = TRY(sql::migrate(target, store::migrations(), clock.now()));
  const sql::Rows role = TRY(tx.query(bypasses_row_security, {}));
  const bool has_wall = role.empty() || !role.front().flag(0);
  return std::unique_ptr<Database>(
      std::make_unique<PostgresDatabase>(url, expected.departed, has_wall, migrated, clock, random));
}

}  // namespace paylink::main
