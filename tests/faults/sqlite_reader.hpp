#pragma once

#include <sqlite3.h>

#include "database_reader.hpp"

namespace paylink::faults {

// A file that is only read.
class SqliteReader final : public DatabaseReader {
 public:
  explicit SqliteReader(const std::string& path);
  ~SqliteReader() override;
  SqliteReader(const SqliteReader&) = delete;
  SqliteReader& operator=(const SqliteReader&) = delete;

  void each(const std::string& statement, const std::function<void(const ReadRow&)>& visit) const override;
  std::string integrity() const;  // "ok", or what is wrong

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace paylink::faults
