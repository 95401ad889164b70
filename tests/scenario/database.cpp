#include "database.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace paylink::scenario {

std::vector<std::string> column(const std::string& file, const std::string& select) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::vector<std::string> found;
  int result = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(database, 5000);
  if (result == SQLITE_OK) result = sqlite3_prepare_v2(database, select.c_str(), -1, &statement, nullptr);
  while (result == SQLITE_OK || result == SQLITE_ROW) {
    result = sqlite3_step(statement);
    const auto* text = result == SQLITE_ROW ? sqlite3_column_text(statement, 0) : nullptr;
    if (result == SQLITE_ROW) found.emplace_back(text != nullptr ? reinterpret_cast<const char*>(text) : "");
  }
  EXPECT_EQ(result, SQLITE_DONE) << select << ": " << sqlite3_errmsg(database);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return found;
}

std::string value(const std::string& file, const std::string& select) {
  const auto found = column(file, select);
  return found.empty() ? std::string() : found.front();
}

void execute(const std::string& file, const std::string& statement) { column(file, statement); }

}  // namespace paylink::scenario
