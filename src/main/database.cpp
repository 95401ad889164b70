#include "main/database.hpp"

#include "app/master_key.hpp"
#include "main/database_name.hpp"
#include "store/migrations.hpp"
#include "store/moves.hpp"

namespace paylink::main {

Failure no_organization(const std::string& where) {
  return fail(ErrorCode::invalid_input, "no_organization",
              "There is no organization yet in " + where +
                  ": `paylink init` makes one. Or is another --data-dir or --database meant?");
}

Result<std::unique_ptr<Database>> Database::open(const Settings& settings, const DataDir& data_dir,
                                                 const Expected& expected, const Clock& clock, Random& random) {
  if (settings.database.empty()) return open_sqlite(data_dir.file("paylink.db"), data_dir, expected, clock, random);
  const auto name = TRY(read_database_name("The setting database", settings.database));
  if (name.engine == DatabaseName::Engine::postgres) return open_postgres(name.place, expected, clock, random);
  return open_sqlite(name.place, data_dir, expected, clock, random);
}

Result<> check_expected(const Expected& expected, const std::string& where, int version, sql::Transaction& tx) {
  constexpr int with_moves = 10, with_departures = 23;  // the migrations that made their tables
  // What a newer version has made of them is not known here; to migrate fails then.
  if (version > store::migrations().back().number) return {};
  if (version == 0 && expected.installation == Installation::is_there) return no_organization(where);
  if (version > 0 && expected.keys != nullptr) TRY(app::refuse_other_key(*expected.keys, tx));
  if (version >= with_moves) TRY(store::Moves(tx).check_finished());
  if (version >= with_departures && expected.departed == Departed::refused) TRY(store::Moves(tx).check_here());
  return {};
}

}  // namespace paylink::main
