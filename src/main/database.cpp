#include "main/database.hpp"

namespace paylink::main {

Result<std::unique_ptr<Database>> Database::open(const Settings& settings, const DataDir& data_dir, const Clock& clock,
                                                 Random& random) {
  const std::string& name = settings.database;
  if (name.empty()) return open_sqlite(data_dir.file("paylink.db"), data_dir, clock, random);
  if (name.starts_with("sqlite:")) return open_sqlite(name.substr(7), data_dir, clock, random);
  if (name.starts_with("postgresql://") || name.starts_with("postgres://")) return open_postgres(name, clock, random);
  // What was given may hold a password.
  return fail(ErrorCode::invalid_input, "bad_setting",
              "The setting database must be sqlite:PATH or postgresql://USER@HOST/DATABASE.");
}

}  // namespace paylink::main
