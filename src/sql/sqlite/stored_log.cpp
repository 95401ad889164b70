#include "sql/sqlite/stored_log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "sql/sqlite/configure.hpp"
#include "sql/sqlite/whole_database.hpp"

namespace paylink::sql::sqlite {
namespace {

constexpr std::int64_t chunk_bytes = 1 << 16;  // SQLite writes less than 128 KiB at once

Failure broken(int code, const char* doing) {
  return fail(ErrorCode::unavailable, "storage_unavailable", "The storage is not available now. Try again later.",
              std::string(doing) + " the log: " + sqlite3_errstr(code) + " (" + std::to_string(code) + ")");
}

bool exists(sqlite3_vfs& vfs, const char* path) {
  int is_there = 0;
  return vfs.xAccess(&vfs, path, SQLITE_ACCESS_EXISTS, &is_there) == SQLITE_OK && is_there != 0;
}

// As SQLite itself opens it.
class Log {
 public:
  explicit Log(sqlite3_vfs& vfs) : vfs_(vfs), memory_(static_cast<std::size_t>(vfs.szOsFile)) {}
  ~Log() {
    if (file().pMethods != nullptr) file().pMethods->xClose(&file());
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  Result<> open(const char* path) {
    const int code = vfs_.xOpen(&vfs_, path, &file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr);
    if (code != SQLITE_OK) return broken(code, "open");
    return {};
  }
  Result<> store_again() {
    sqlite3_int64 size = 0;
    if (const int code = methods().xFileSize(&file(), &size); code != SQLITE_OK) return broken(code, "measure");
    std::vector<char> bytes(static_cast<std::size_t>(std::min<std::int64_t>(size, chunk_bytes)));
    for (std::int64_t at = 0; at < size; at += chunk_bytes) {
      const int count = static_cast<int>(std::min<std::int64_t>(size - at, chunk_bytes));
      if (const int code = methods().xRead(&file(), bytes.data(), count, at); code != SQLITE_OK)
        return broken(code, "read");
      if (const int code = methods().xWrite(&file(), bytes.data(), count, at); code != SQLITE_OK)
        return broken(code, "write");
    }
    if (const int code = methods().xSync(&file(), SQLITE_SYNC_NORMAL); code != SQLITE_OK) return broken(code, "sync");
    return {};
  }

 private:
  sqlite3_file& file() { return *reinterpret_cast<sqlite3_file*>(memory_.data()); }
  const sqlite3_io_methods& methods() { return *file().pMethods; }

  sqlite3_vfs& vfs_;
  std::vector<char> memory_;
};

}  // namespace

Result<> store_log_again(const std::string& path) {
  configure_sqlite();
  sqlite3_vfs& vfs = *sqlite3_vfs_find(nullptr);
  // In the form that a VFS asks for.
  const std::unique_ptr<const char, decltype(&sqlite3_free_filename)> name(
      sqlite3_create_filename(path.c_str(), "", (path + "-wal").c_str(), 0, nullptr), sqlite3_free_filename);
  if (name == nullptr) return broken(SQLITE_NOMEM, "name");
  const char* const log_path = sqlite3_filename_wal(name.get());
  if (!exists(vfs, path.c_str()) || !exists(vfs, log_path) || is_open_elsewhere(path)) return {};
  Log log(vfs);
  TRY(log.open(log_path));
  return log.store_again();
}

}  // namespace paylink::sql::sqlite
