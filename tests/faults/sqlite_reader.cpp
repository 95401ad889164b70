#include "sqlite_reader.hpp"

#include <cstdio>
#include <cstdlib>

namespace paylink::faults {
namespace {

[[noreturn]] void die(sqlite3* database, const std::string& what) {
  std::fprintf(stderr, "kill9: cannot read %s: %s\n", what.c_str(), sqlite3_errmsg(database));
  std::exit(3);
}

std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))) : std::string();
}

// The canonical form, from the 16 bytes that are stored.
void write_uuid(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto* bytes = static_cast<const unsigned char*>(sqlite3_value_blob(arguments[0]));
  std::string text;
  for (int i = 0; i < sqlite3_value_bytes(arguments[0]); ++i) {
    constexpr const char* digits = "0123456789abcdef";
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  sqlite3_result_text(context, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

SqliteReader::SqliteReader(const std::string& path) {
  if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) die(database_, path);
  sqlite3_busy_timeout(database_, 5000);
  sqlite3_create_function(database_, "uuid", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, write_uuid, nullptr,
                          nullptr);
}

SqliteReader::~SqliteReader() { sqlite3_close(database_); }

void SqliteReader::each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database_, statement.c_str(), -1, &prepared, nullptr) != SQLITE_OK) die(database_, statement);
  int result = SQLITE_DONE;
  while ((result = sqlite3_step(prepared)) == SQLITE_ROW) {
    std::vector<std::string> cells;
    for (int column = 0; column < sqlite3_column_count(prepared); ++column) cells.push_back(text_of(prepared, column));
    visit(ReadRow(std::move(cells)));
  }
  if (result != SQLITE_DONE) die(database_, statement);
  sqlite3_finalize(prepared);
}

std::string SqliteReader::integrity() const {
  std::string result;
  sqlite3_stmt* prepared = nullptr;
  int state = sqlite3_prepare_v2(database_, "PRAGMA integrity_check", -1, &prepared, nullptr);
  while (state == SQLITE_OK || state == SQLITE_ROW) {
    state = sqlite3_step(prepared);
    if (state == SQLITE_ROW) result += (result.empty() ? "" : "; ") + text_of(prepared, 0);
  }
  if (state != SQLITE_DONE) result += sqlite3_errmsg(database_);
  sqlite3_finalize(prepared);
  return result;
}

}  // namespace paylink::faults
