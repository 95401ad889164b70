#include "disk_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>

#include "base/ensure.hpp"
#include "base/testing.hpp"
#include "sql/sqlite/connection.hpp"

namespace paylink::power {
namespace {

std::shared_ptr<Disk> mounted;
sqlite3_vfs* real = nullptr;  // SQLite's own
sqlite3_mem_methods real_memory{};
int sector_size = 0;
int characteristics = 0;

struct OpenFile {
  sqlite3_file base;
  std::shared_ptr<Disk> disk;
  std::shared_ptr<File> file;
  int lock = SQLITE_LOCK_NONE;
  bool has_shared_memory = false;
  unsigned reads = 0, writes = 0;  // locks on shared memory, a bit each
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

// ---- bytes

constexpr int most_at_once = (1 << 17) - 1;  // SQLite's own way does no more

int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  if (size > most_at_once) return SQLITE_IOERR_READ;
  return of(file).disk->read(*of(file).file, static_cast<char*>(bytes), size, offset);
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (size > most_at_once) return SQLITE_FULL;
  const std::string_view view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  return of(file).disk->write(*of(file).file, view, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) { return of(file).disk->truncate(*of(file).file, size); }
int sync(sqlite3_file* file, int) { return of(file).disk->sync(*of(file).file); }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = of(file).disk->size(*of(file).file);
  return SQLITE_OK;
}

// ---- locks, as SQLite describes them: several read, one may mean to write, and then waits until nobody reads

int unlock(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  const std::lock_guard guard(open.disk->mutex());
  if (open.file->reserved == &open) open.file->reserved = nullptr;
  if (open.file->pending == &open) open.file->pending = nullptr;
  if (level == SQLITE_LOCK_NONE && open.lock != SQLITE_LOCK_NONE) --open.file->readers;
  open.lock = std::min(open.lock, level);
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
  OpenFile& open = of(file);
  const std::lock_guard guard(open.disk->mutex());
  File& there = *open.file;
  const auto is_others = [&](const void* holder) { return holder != nullptr && holder != &open; };
  if (open.lock >= level) return SQLITE_OK;
  if (is_others(there.pending)) return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED) {
    if (is_others(there.reserved)) return SQLITE_BUSY;
    there.reserved = &open;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    there.pending = &open;
    if (there.readers > 1) return SQLITE_BUSY;
  }
  if (open.lock == SQLITE_LOCK_NONE) ++there.readers;
  open.lock = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* is_reserved) {
  const std::lock_guard guard(of(file).disk->mutex());
  *is_reserved = of(file).file->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

// ---- memory that the connections to one database share; it goes with the last of them, and with a power cut

int map_shared(sqlite3_file* file, int index, int size, int extend, void volatile** region) {
  OpenFile& open = of(file);
  const std::lock_guard guard(open.disk->mutex());
  SharedMemory& shared = open.file->shared;
  ENSURE(size == 32768);
  if (!open.has_shared_memory) ++shared.users;
  open.has_shared_memory = true;
  *region = nullptr;
  const auto wanted = static_cast<std::size_t>(index) + 1;
  if (wanted > shared.regions.size() && extend == 0) return SQLITE_OK;
  while (shared.regions.size() < wanted) shared.regions.push_back(std::make_unique<std::array<char, 32768>>());
  *region = shared.regions[wanted - 1]->data();
  return SQLITE_OK;
}

void let_go(OpenFile& open, unsigned mask) {
  SharedMemory& shared = open.file->shared;
  for (std::size_t i = 0; i < shared.readers.size(); ++i) {
    const unsigned bit = 1U << i;
    if ((mask & bit) == 0) continue;
    if ((open.reads & bit) != 0) --shared.readers[i];
    if ((open.writes & bit) != 0) shared.writers[i] = nullptr;
  }
  open.reads &= ~mask;
  open.writes &= ~mask;
}

int lock_shared(sqlite3_file* file, int first, int count, int flags) {
  OpenFile& open = of(file);
  const std::lock_guard guard(open.disk->mutex());
  SharedMemory& shared = open.file->shared;
  const unsigned mask = ((1U << static_cast<unsigned>(count)) - 1) << static_cast<unsigned>(first);
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    let_go(open, mask);
    return SQLITE_OK;
  }
  const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto begin = static_cast<std::size_t>(first), end = begin + static_cast<std::size_t>(count);
  for (std::size_t i = begin; i < end; ++i) {
    if (shared.writers[i] != nullptr && shared.writers[i] != &open) return SQLITE_BUSY;
    const int own = (open.reads & (1U << i)) != 0 ? 1 : 0;
    if (is_exclusive && shared.readers[i] > own) return SQLITE_BUSY;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (is_exclusive)
      shared.writers[i] = &open;
    else if ((open.reads & (1U << i)) == 0)
      ++shared.readers[i];
  }
  (is_exclusive ? open.writes : open.reads) |= mask;
  return SQLITE_OK;
}

void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int unmap_shared(sqlite3_file* file, int) {
  OpenFile& open = of(file);
  const std::lock_guard guard(open.disk->mutex());
  if (!open.has_shared_memory) return SQLITE_OK;
  let_go(open, ~0U);
  open.has_shared_memory = false;
  if (--open.file->shared.users == 0) open.file->shared.regions.clear();
  return SQLITE_OK;
}

// ---- the rest of a file

int close(sqlite3_file* file) {
  unmap_shared(file, 0);
  unlock(file, SQLITE_LOCK_NONE);
  std::destroy_at(&of(file));
  return SQLITE_OK;
}

// A setting of the product's that is to be another here; what stands there is no shorter.
void replace(char* value, const std::string& wanted) {
  if (value != nullptr && !wanted.empty() && wanted.size() <= std::strlen(value)) std::strcpy(value, wanted.c_str());
}

int control(sqlite3_file* file, int operation, void* argument) {
  if (operation != SQLITE_FCNTL_PRAGMA) return SQLITE_NOTFOUND;
  char** const words = static_cast<char**>(argument);  // for an error, the name, the value
  const Pragmas& pragmas = of(file).disk->pragmas;
  const std::string_view name = words[1];
  if (name == "wal_autocheckpoint" && pragmas.wal_autocheckpoint > 0)
    replace(words[2], std::to_string(pragmas.wal_autocheckpoint));
  if (name == "synchronous") replace(words[2], pragmas.synchronous);
  return SQLITE_NOTFOUND;  // SQLite goes on with it
}

int say_sector_size(sqlite3_file*) { return sector_size; }
int say_characteristics(sqlite3_file*) { return characteristics; }

const sqlite3_io_methods methods{2,
                                 close,
                                 read,
                                 write,
                                 truncate,
                                 sync,
                                 file_size,
                                 lock,
                                 unlock,
                                 check_reserved_lock,
                                 control,
                                 say_sector_size,
                                 say_characteristics,
                                 map_shared,
                                 lock_shared,
                                 barrier,
                                 unmap_shared,
                                 nullptr,
                                 nullptr};

// ---- paths

bool is_ours(const char* path) { return path != nullptr && std::strncmp(path, "/power/", 7) == 0; }

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  if (!is_ours(path)) return real->xOpen(real, path, file, flags, out_flags);
  file->pMethods = nullptr;
  auto there = mounted->find(path);
  if (there == nullptr) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    // SQLite's own way syncs the directory with the first sync of these.
    const int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    there = mounted->create(path, (flags & logs) != 0);
  }
  OpenFile& open = *std::construct_at(reinterpret_cast<OpenFile*>(file));
  open.disk = mounted;
  open.file = std::move(there);
  open.base.pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* path, int sync_directory) {
  if (!is_ours(path)) return real->xDelete(real, path, sync_directory);
  return mounted->remove(path, sync_directory != 0) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int access_file(sqlite3_vfs*, const char* path, int flags, int* result) {
  if (!is_ours(path)) return real->xAccess(real, path, flags, result);
  const auto file = mounted->find(path);
  // SQLite's own way takes an empty file for none.
  *result = file != nullptr && (flags != SQLITE_ACCESS_EXISTS || mounted->size(*file) > 0) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* result) {
  if (!is_ours(path)) return real->xFullPathname(real, path, size, result);
  return sqlite3_snprintf(size, result, "%s", path) != nullptr ? SQLITE_OK : SQLITE_CANTOPEN;
}

// ---- memory, which can run out

bool may_allocate() { return mounted == nullptr || mounted->allocate() == SQLITE_OK; }
void* allocate(int size) { return may_allocate() ? real_memory.xMalloc(size) : nullptr; }
void* reallocate(void* memory, int size) { return may_allocate() ? real_memory.xRealloc(memory, size) : nullptr; }

void install_memory() {
  ENSURE(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) == SQLITE_OK);
  sqlite3_mem_methods memory = real_memory;
  memory.xMalloc = allocate;
  memory.xRealloc = reallocate;
  ENSURE(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) == SQLITE_OK);
}

// What files of this machine promise.
void ask_real_files() {
  SystemRandom random;
  const TemporaryDirectory directory(random);
  const std::string path = directory.file("asked");
  const std::unique_ptr<char[]> memory(std::make_unique<char[]>(static_cast<std::size_t>(real->szOsFile)));
  auto* const file = reinterpret_cast<sqlite3_file*>(memory.get());
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
  // SQLite hands over a path that ends in two zeros more, for parameters.
  std::string padded = path + std::string(3, '\0');
  ENSURE(real->xOpen(real, padded.c_str(), file, flags, nullptr) == SQLITE_OK);
  sector_size = file->pMethods->xSectorSize(file);
  characteristics = file->pMethods->xDeviceCharacteristics(file);
  file->pMethods->xClose(file);
}

}  // namespace

void install_disk_vfs() {
  install_memory();
  // The product configures SQLite before it opens its first connection, and may only before SQLite begins.
  ENSURE(sql::sqlite::Connection::open(":memory:", sql::sqlite::Mode::write).has_value());
  real = sqlite3_vfs_find(nullptr);
  ENSURE(real != nullptr);
  ask_real_files();
  static sqlite3_vfs vfs = *real;
  vfs.zName = "power";
  vfs.szOsFile = std::max<int>(real->szOsFile, sizeof(OpenFile));
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  ENSURE(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

void mount(std::shared_ptr<Disk> disk) { mounted = std::move(disk); }

}  // namespace paylink::power
