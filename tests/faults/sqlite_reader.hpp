#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>

namespace paylink::faults {

// One row of an answer, valid inside the callback only.
class ReadRow {
 public:
  explicit ReadRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// A database opened only to be read. Trouble with it ends the harness: a check that cannot read proves nothing.
class SqliteReader {
 public:
  explicit SqliteReader(const std::string& path);
  ~SqliteReader();
  SqliteReader(const SqliteReader&) = delete;
  SqliteReader& operator=(const SqliteReader&) = delete;

  void each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const;
  std::int64_t number(const std::string& statement) const;
  std::string integrity() const;  // "ok", or what is wrong

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace paylink::faults
