#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace paylink::main {

// What the setting `database`, or a flag of `paylink migrate`, names.
struct DatabaseName {
  enum class Engine : std::uint8_t { sqlite, postgres };
  Engine engine;
  std::string place;  // a file's path, or libpq's URL
};

// `sqlite:PATH` or `postgresql://…`. Fails with `bad_setting` for anything else, for what is no file, and for a
// PostgreSQL on another machine of which nothing says how the connection is protected. Messages call the name `what`,
// and do not repeat it: it may hold a password.
Result<DatabaseName> read_database_name(const std::string& what, const std::string& name);

}  // namespace paylink::main
