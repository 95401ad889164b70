#include "main/database_name.hpp"

#include <string_view>

#include "sql/postgres/protection.hpp"

namespace paylink::main {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

Failure bad_setting(std::string message) { return fail(ErrorCode::invalid_input, "bad_setting", std::move(message)); }

}  // namespace

Result<DatabaseName> read_database_name(const std::string& what, const std::string& name) {
  if (name.starts_with(sqlite_scheme)) {
    std::string path = name.substr(sqlite_scheme.size());
    // A database that ends with the process, or a URI, which we would take for a path.
    if (path.empty() || path == ":memory:" || path.starts_with("file:"))
      return bad_setting(what + " must name a file by its path: sqlite:PATH.");
    return DatabaseName{DatabaseName::Engine::sqlite, std::move(path)};
  }
  if (!name.starts_with("postgresql://") && !name.starts_with("postgres://"))
    return bad_setting(what + " must be sqlite:PATH or postgresql://USER@HOST/DATABASE.");
  const std::string host = TRY(sql::postgres::unprotected_host(name));
  if (host.empty()) return DatabaseName{DatabaseName::Engine::postgres, name};
  return bad_setting(
      what + " leads to another machine (" + host +
      ") and does not say how the connection to it is protected. Add ?sslmode=verify-full&sslrootcert=FILE "
      "to it, where the file has the certificate of who signed the server's (Debian's of public "
      "authorities: /etc/ssl/certs/ca-certificates.crt); or ?sslmode=disable where the network between "
      "the two is yours alone.");
}

}  // namespace paylink::main
