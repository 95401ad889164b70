#include "sql/sqlite/mapped_files.hpp"

#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "base/ensure.hpp"

namespace paylink::sql::sqlite {
namespace {

// Files are mapped in parts of this size, each once and beyond the file's end, so that no page moves while it is used.
constexpr sqlite3_int64 part_bytes = 1 << 30;
constexpr std::size_t parts_max = 1024;  // of all files; what is beyond them is copied

struct Part {
  std::atomic<std::uintptr_t> begin{0};  // 0: free
  std::atomic<bool> is_damaged{false};
};

// Of the whole process, as a signal's handler must find them.
std::array<Part, parts_max> parts;
std::atomic<std::uint64_t> unreadable{0};
struct sigaction handler_before;
const auto system_page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));

void read_zeros_instead(int, siginfo_t* info, void*) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Part& part : parts) {
    const std::uintptr_t begin = part.begin.load();
    if (begin == 0 || address < begin || address - begin >= std::uintptr_t{part_bytes}) continue;
    // Before there are zeros: whoever reads them finds the number changed, and who finds it changed fetches none of
    // them.
    part.is_damaged = true;
    ++unreadable;
    void* const page = reinterpret_cast<void*>(address & ~(system_page_bytes - 1));
    const auto* zeros = mmap(page, system_page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = error;
    if (zeros != MAP_FAILED) return;
  }
  // Not of a mapped file: it strikes again, and whoever was asked before decides.
  sigaction(SIGBUS, &handler_before, nullptr);
}

void install_handler() {
  struct sigaction handler{};
  handler.sa_sigaction = read_zeros_instead;
  handler.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ENSURE(sigaction(SIGBUS, &handler, &handler_before) == 0);
}

Part* map_part(int descriptor, sqlite3_int64 offset) {
  void* const begin = mmap(nullptr, part_bytes, PROT_READ, MAP_SHARED, descriptor, offset);
  if (begin == MAP_FAILED) return nullptr;
  for (Part& part : parts) {
    std::uintptr_t free = 0;
    if (part.begin.compare_exchange_strong(free, reinterpret_cast<std::uintptr_t>(begin))) return &part;
  }
  munmap(begin, part_bytes);
  return nullptr;
}

void unmap_part(Part& part) {
  part.is_damaged = false;  // before somebody else may take it
  const std::uintptr_t begin = part.begin.exchange(0);
  munmap(reinterpret_cast<void*>(begin), part_bytes);
}

// The search in a page asks for one line of memory after the other. Where none of them is in the processor's caches, as
// in a large file, a row is found an eighth sooner when all are asked for at once.
void ask_for(const char* page, int size) {
  constexpr int line = 64;
  for (int at = 0; at < size; at += line) __builtin_prefetch(page + at);
}

// A file as all connections of the process see it.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping() {
    for (auto& part : parts_)
      if (Part* const mapped = part.load(); mapped && mapped != &none_) unmap_part(*mapped);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // Null when it has to be copied.
  char* page(int descriptor, sqlite3_int64 offset, int size) {
    if (offset + size > size_.load(std::memory_order_relaxed) && !has_grown_to(descriptor, offset + size))
      return nullptr;
    // What is parsed of a damaged page may be read some bytes beyond its end.
    if (offset % part_bytes + size + size > part_bytes) return nullptr;
    const auto index = static_cast<std::size_t>(offset / part_bytes);
    if (index >= parts_.size()) return nullptr;
    const Part* part = parts_[index].load(std::memory_order_acquire);
    if (!part) part = map(descriptor, index);
    if (part->is_damaged.load(std::memory_order_relaxed)) return nullptr;
    auto* const page = reinterpret_cast<char*>(part->begin.load(std::memory_order_relaxed)) + offset % part_bytes;
    ask_for(page, size);
    return page;
  }

 private:
  bool has_grown_to(int descriptor, sqlite3_int64 end) {
    struct stat state{};
    if (fstat(descriptor, &state) != 0) return false;
    size_.store(state.st_size, std::memory_order_relaxed);
    return end <= state.st_size;
  }

  const Part* map(int descriptor, std::size_t index) {
    const std::lock_guard lock(mutex_);
    if (Part* const mapped = parts_[index].load()) return mapped;
    Part* const mapped = map_part(descriptor, static_cast<sqlite3_int64>(index) * part_bytes);
    parts_[index].store(mapped ? mapped : &none_, std::memory_order_release);
    return parts_[index].load();
  }

  Part none_{0, true};  // where there was no room
  std::array<std::atomic<Part*>, parts_max> parts_{};
  std::atomic<sqlite3_int64> size_{0};
  std::mutex mutex_;
};

std::shared_ptr<Mapping> mapping_of(int descriptor) {
  static std::mutex mutex;
  static std::map<std::pair<dev_t, ino_t>, std::weak_ptr<Mapping>> mappings;
  struct stat state{};
  if (fstat(descriptor, &state) != 0) return nullptr;
  const std::lock_guard lock(mutex);
  std::erase_if(mappings, [](const auto& known) { return known.second.expired(); });
  auto& known = mappings[{state.st_dev, state.st_ino}];
  auto mapping = known.lock();
  if (!mapping) known = mapping = std::make_shared<Mapping>();
  return mapping;
}

// SQLite's own file lies before this.
struct MappedFile {
  const sqlite3_io_methods* methods;
  std::shared_ptr<Mapping> mapping;
  int descriptor;
};

sqlite3_vfs* system_files = nullptr;
using Open = int (*)(const char*, int, int);
Open system_open = nullptr;
// By SQLite, of this thread. The file is mapped through it: whoever opens the file again, and closes it, takes away all
// locks that the process has on it.
thread_local int opened = -1;

MappedFile& mapped(sqlite3_file* file) {
  return *std::launder(reinterpret_cast<MappedFile*>(reinterpret_cast<char*>(file) + system_files->szOsFile));
}

int fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** page) {
  const MappedFile& own = mapped(file);
  *page = own.mapping->page(own.descriptor, offset, size);
  return SQLITE_OK;
}

int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

int control(sqlite3_file* file, int operation, void* argument) {
  // It would map the file itself, for each connection, and with Debian's SQLite no more than 2 GB.
  if (operation == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_OK;
  return mapped(file).methods->xFileControl(file, operation, argument);
}

int close(sqlite3_file* file) {
  MappedFile& own = mapped(file);
  const sqlite3_io_methods& methods = *own.methods;
  own.~MappedFile();
  return methods.xClose(file);
}

sqlite3_io_methods mapping_methods(sqlite3_io_methods methods) {
  methods.xClose = close;
  methods.xFileControl = control;
  methods.xFetch = fetch;
  methods.xUnfetch = unfetch;
  return methods;
}

int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* got) {
  opened = -1;
  const int code = system_files->xOpen(system_files, name, file, flags, got);
  if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0 || opened < 0) return code;
  static const sqlite3_io_methods* const beneath = file->pMethods;
  static const sqlite3_io_methods methods = mapping_methods(*beneath);
  auto mapping = file->pMethods == beneath && methods.iVersion >= 3 ? mapping_of(opened) : nullptr;
  if (!mapping) return code;
  new (reinterpret_cast<char*>(file) + system_files->szOsFile) MappedFile{beneath, std::move(mapping), opened};
  file->pMethods = &methods;
  return code;
}

int open_and_remember(const char* path, int flags, int mode) { return opened = system_open(path, flags, mode); }

constexpr char name_of_system_files[] = "unix";
constexpr char name_of_mapped_files[] = "paylink-mapped";

bool register_mapped_files() {
  system_files = sqlite3_vfs_find(name_of_system_files);
  if (!system_files || system_files->iVersion < 3) return false;
  ENSURE(static_cast<std::size_t>(system_files->szOsFile) % alignof(MappedFile) == 0);
  const auto call = reinterpret_cast<sqlite3_syscall_ptr>(open_and_remember);
  system_open = reinterpret_cast<Open>(system_files->xGetSystemCall(system_files, "open"));
  if (!system_open || system_files->xSetSystemCall(system_files, "open", call) != SQLITE_OK) return false;
  static sqlite3_vfs own = *system_files;
  own.zName = name_of_mapped_files;
  own.szOsFile += static_cast<int>(sizeof(MappedFile));
  own.xOpen = open;
  if (sqlite3_vfs_register(&own, 0) != SQLITE_OK) return false;
  install_handler();
  return true;
}

}  // namespace

const char* mapped_files() {
  static const bool is_registered = register_mapped_files();
  const sqlite3_vfs* const chosen = sqlite3_vfs_find(nullptr);
  return is_registered && std::strcmp(chosen->zName, name_of_system_files) == 0 ? name_of_mapped_files : nullptr;
}

std::uint64_t unreadable_pages() { return unreadable.load(); }

}  // namespace paylink::sql::sqlite
