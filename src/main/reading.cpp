#include "main/reading.hpp"

#include <algorithm>

#include "main/data_dir.hpp"
#include "main/keys.hpp"
#include "main/places.hpp"
#include "sandbox/seed.hpp"
#include "store/migrations.hpp"
#include "store/moves.hpp"

namespace paylink::main {
namespace {

constexpr std::string_view select_version = "SELECT COALESCE(MAX(number), 0) FROM schema_migrations";

Failure bad_setting(std::string message) { return fail(ErrorCode::invalid_input, "bad_setting", std::move(message)); }

// The database as it is.
Result<std::unique_ptr<sql::WholeDatabase>> look_at(const Settings& settings, Random& random) {
  if (settings.database.empty() && settings.data_dir.empty())
    return bad_setting("Say where the data is: --data-dir /var/lib/paylink or PAYLINK_DATA_DIR.");
  const std::string in_directory = "sqlite:" + settings.data_dir + "/paylink.db";
  const std::string& name = settings.database.empty() ? in_directory : settings.database;
  const auto place = TRY(Place::parse("The setting database", name, random));
  if (!place->exists())
    return bad_setting("There is no database at " + name.substr(7) +
                       ". Say --database postgresql://… when the installation is on PostgreSQL.");
  return place->look(SystemClock().now());
}

Result<> check_installed(sql::WholeDatabase& database) {
  const auto tables = TRY(database.tables());
  if (std::ranges::find(tables, "schema_migrations", &sql::Table::name) != tables.end()) return {};
  return bad_setting("The database holds no Paylink installation.");
}

Result<> check_schema(sql::Transaction& tx) {
  const sql::Rows rows = TRY(tx.query(select_version, {}));
  const std::int64_t version = rows.front().integer(0), known = store::migrations().back().number;
  if (version == known) return store::Moves(tx).check_finished();
  return fail(ErrorCode::conflict, version < known ? "schema_too_old" : "schema_too_new",
              "The database has schema version " + std::to_string(version) + ", this program's is " +
                  std::to_string(known) + ". " +
                  (version < known ? "Run `paylink migrate` first." : "Run the newer paylink that made it."));
}

}  // namespace

Result<std::unique_ptr<sql::WholeDatabase>> open_for_reading(const Settings& settings, Random& random) {
  auto database = TRY(look_at(settings, random));
  TRY(check_installed(*database));
  TRY(database->in_transaction(check_schema));
  return database;
}

Result<Owner> find_owner(const Settings& settings) {
  const auto text = read_file(settings.data_dir + "/seed");
  if (!text && text.error().code != ErrorCode::not_found) return Failure{text.error()};
  if (text) {
    const auto seed = TRY(sandbox::Seed::parse(*text));
    return Owner{true, crypto::KeyRing::of_master(sandbox::master_key(seed))};
  }
  if (settings.key_file.empty()) return Owner{};
  return Owner{false, TRY(read_key_file(settings.key_file, settings.data_dir))};
}

}  // namespace paylink::main
