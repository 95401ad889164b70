#include "sql/sqlite/stored_log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace paylink::sql::sqlite {
namespace {

constexpr sqlite3_int64 chunk_bytes = 1 << 16;  // SQLite writes less than 128 KiB at once

}  // namespace

int store_again(sqlite3_file& file) {
  const sqlite3_io_methods& methods = *file.pMethods;
  sqlite3_int64 size = 0;
  if (const int code = methods.xFileSize(&file, &size); code != SQLITE_OK) return code;
  if (size == 0) return SQLITE_OK;
  std::vector<char> bytes(static_cast<std::size_t>(std::min(size, chunk_bytes)));
  for (sqlite3_int64 at = 0; at < size; at += chunk_bytes) {
    const int count = static_cast<int>(std::min(size - at, chunk_bytes));
    if (const int code = methods.xRead(&file, bytes.data(), count, at); code != SQLITE_OK) return code;
    if (const int code = methods.xWrite(&file, bytes.data(), count, at); code != SQLITE_OK) return code;
  }
  return methods.xSync(&file, SQLITE_SYNC_NORMAL);
}

}  // namespace paylink::sql::sqlite
