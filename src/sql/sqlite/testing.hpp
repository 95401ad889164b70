#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/ensure.hpp"

// What tests of the driver and of whatever stands on it share.
namespace paylink::sql::sqlite::testing {

// While one is alive, every write SQLite makes to a file fails: ENOSPC is a full disk, EIO a broken one.
class FailingDisk {
 public:
  explicit FailingDisk(int error) {
    install();
    failing_with() = error;
  }
  ~FailingDisk() { failing_with() = 0; }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

 private:
  static std::atomic<int>& failing_with() {
    static std::atomic<int> error{0};
    return error;
  }
  static bool fails() {
    const int error = failing_with();
    if (error != 0) errno = error;
    return error != 0;
  }
  static ssize_t write_through(int file, const void* bytes, std::size_t size) {
    return fails() ? -1 : ::write(file, bytes, size);
  }
  static ssize_t pwrite_through(int file, const void* bytes, std::size_t size, off_t at) {
    return fails() ? -1 : ::pwrite(file, bytes, size, at);
  }
  static void install() {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    ENSURE(vfs != nullptr && vfs->iVersion >= 3);
    using Call = sqlite3_syscall_ptr;
    ENSURE(vfs->xSetSystemCall(vfs, "write", reinterpret_cast<Call>(write_through)) == SQLITE_OK);
    ENSURE(vfs->xSetSystemCall(vfs, "pwrite", reinterpret_cast<Call>(pwrite_through)) == SQLITE_OK);
    ENSURE(vfs->xSetSystemCall(vfs, "pwrite64", reinterpret_cast<Call>(pwrite_through)) == SQLITE_OK);
  }
};

}  // namespace paylink::sql::sqlite::testing
