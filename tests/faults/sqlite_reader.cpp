#include "sqlite_reader.hpp"

#include <cstdio>
#include <cstdlib>

namespace paylink::faults {
namespace {

[[noreturn]] void die(sqlite3* database, const std::string& what) {
  std::fprintf(stderr, "kill9: cannot read %s: %s\n", what.c_str(), sqlite3_errmsg(database));
  std::exit(3);
}

}  // namespace

std::string ReadRow::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

SqliteReader::SqliteReader(const std::string& path) {
  if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) die(database_, path);
  sqlite3_busy_timeout(database_, 5000);
}

SqliteReader::~SqliteReader() { sqlite3_close(database_); }

void SqliteReader::each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database_, statement.c_str(), -1, &prepared, nullptr) != SQLITE_OK) die(database_, statement);
  int result = SQLITE_DONE;
  while ((result = sqlite3_step(prepared)) == SQLITE_ROW) visit(ReadRow(prepared));
  if (result != SQLITE_DONE) die(database_, statement);
  sqlite3_finalize(prepared);
}

std::int64_t SqliteReader::number(const std::string& statement) const {
  std::int64_t result = 0;
  each(statement, [&](const ReadRow& row) { result = row.integer(0); });
  return result;
}

std::string SqliteReader::integrity() const {
  std::string result;
  sqlite3_stmt* prepared = nullptr;
  int state = sqlite3_prepare_v2(database_, "PRAGMA integrity_check", -1, &prepared, nullptr);
  while (state == SQLITE_OK || state == SQLITE_ROW) {
    state = sqlite3_step(prepared);
    if (state == SQLITE_ROW) result += (result.empty() ? "" : "; ") + ReadRow(prepared).text(0);
  }
  if (state != SQLITE_DONE) result += sqlite3_errmsg(database_);
  sqlite3_finalize(prepared);
  return result;
}

}  // namespace paylink::faults
