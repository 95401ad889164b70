#include "main/database.hpp"

#include "main/database_name.hpp"

namespace paylink::main {

Result<std::unique_ptr<Database>> Database::open(const Settings& settings, const DataDir& data_dir, const Clock& clock,
                                                 Random& random) {
  if (settings.database.empty()) return open_sqlite(data_dir.file("paylink.db"), data_dir, clock, random);
  const auto name = TRY(read_database_name("The setting database", settings.database));
  if (name.engine == DatabaseName::Engine::postgres) return open_postgres(name.place, clock, random);
  return open_sqlite(name.place, data_dir, clock, random);
}

}  // namespace paylink::main
