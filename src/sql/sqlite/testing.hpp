#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"

// What tests of the driver and of whatever stands on it share.
namespace paylink::sql::sqlite::testing {

// While one is alive, writes of SQLite's to a file fail, from the `first` on: ENOSPC is a full disk, EIO a broken one.
class FailingDisk {
 public:
  enum class Written : std::uint8_t { nothing, all };  // of what a write that fails was to write

  explicit FailingDisk(int error, int first = 1, Written written = Written::nothing) {
    install();
    state().written = written;
    state().left = first;
    state().error = error;
  }
  ~FailingDisk() { state().error = 0; }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

 private:
  struct State {
    std::atomic<int> error{0}, left{0};
    std::atomic<Written> written{Written::nothing};
  };
  static State& state() {
    static State state;
    return state;
  }
  template <typename Write>
  static ssize_t try_to(Write write) {
    State& state = FailingDisk::state();
    const int error = state.error;
    if (error == 0 || --state.left > 0) return write();
    if (state.written == Written::all) write();
    errno = error;
    return -1;
  }
  static ssize_t write_through(int file, const void* bytes, std::size_t size) {
    return try_to([&] { return ::write(file, bytes, size); });
  }
  static ssize_t pwrite_through(int file, const void* bytes, std::size_t size, off_t at) {
    return try_to([&] { return ::pwrite(file, bytes, size, at); });
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

// While one is alive, no connection can take anything back, as when there is no memory for it. Of connections that are
// opened after the first of these was made.
class NoWayBack {
 public:
  NoWayBack() {
    install();
    is_barred() = false;
  }
  ~NoWayBack() { is_barred() = false; }
  NoWayBack(const NoWayBack&) = delete;
  NoWayBack& operator=(const NoWayBack&) = delete;

  void bar() { is_barred() = true; }
  void open() { is_barred() = false; }

 private:
  static std::atomic<bool>& is_barred() {
    static std::atomic<bool> barred{false};
    return barred;
  }
  static int decide(void*, int action, const char* what, const char*, const char*, const char*) {
    const bool is_of_transactions = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT;
    return is_barred() && is_of_transactions && std::string_view(what) == "ROLLBACK" ? SQLITE_DENY : SQLITE_OK;
  }
  static int watch(sqlite3* connection, const char**, const sqlite3_api_routines*) {
    return sqlite3_set_authorizer(connection, decide, nullptr);
  }
  static void install() { ENSURE(sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)) == SQLITE_OK); }
};

}  // namespace paylink::sql::sqlite::testing
