#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A disk in memory: what SQLite does with its files, in the order in which it does it.
namespace paylink::power {

// One change of what is on the disk, or a wait until it is there for good.
struct Operation {
  enum class Kind : std::uint8_t {
    create,       // `text` is the path
    remove,       // the same; the directory may be synced with it
    write,        // `text` at `offset`
    truncate,     // to `offset` bytes
    sync,         // and the directory, when the file is new in it
    failed_sync,  // what waited for it may be gone, and no later sync brings it back
  };
  Kind kind;
  int file;  // its number
  std::int64_t offset = 0;
  std::string text = {};
  bool directory = false;
};

// What can be made to fail.
enum class Call : std::uint8_t { read, write, sync, truncate, memory };

enum class Lasting : std::uint8_t { once, on };  // `on`: from then on every one

struct Fault {
  Call call = Call::read;
  int code = 0;  // SQLite's
  int at = 0;    // the first that fails, counted from 1; 0: none
  Lasting lasting = Lasting::once;
};

// What the programs change of the product's settings.
struct Pragmas {
  int wal_autocheckpoint = 0;    // pages; 0: as it is
  std::string synchronous = {};  // a number; empty: as it is
};

struct SharedMemory {
  std::vector<std::unique_ptr<std::array<char, 32768>>> regions;
  std::array<int, 8> readers{};
  std::array<const void*, 8> writers{};
  int users = 0;
};

struct File {
  int number;
  std::string bytes;
  bool is_new = false;  // in its directory, and its creator will sync that
  int readers = 0;      // SQLite's locks: SHARED and more
  const void* reserved = nullptr;
  const void* pending = nullptr;
  SharedMemory shared = {};
};

using Files = std::map<std::string, std::string>;  // by path: the bytes

// How the files of a disk are counted.
struct Numbers {
  std::map<std::string, int> files;
  int next = 0;
};
Numbers count(const Files& files);

enum class Recording : std::uint8_t { no, yes };

// Safe from any thread.
class Disk {
 public:
  explicit Disk(Files files = {}, Recording recording = Recording::no) : Disk(files, recording, count(files)) {}
  Disk(Files files, Recording recording, const Numbers& numbers);

  std::shared_ptr<File> find(const std::string& path) const;  // null: there is none
  std::shared_ptr<File> create(const std::string& path, bool syncs_directory);
  bool remove(const std::string& path, bool sync_directory);  // false: there is none

  // What it came to, in SQLite's words.
  int read(const File& file, char* bytes, std::int64_t size, std::int64_t offset);
  int write(File& file, std::string_view bytes, std::int64_t offset);
  int truncate(File& file, std::int64_t size);
  int sync(File& file);
  std::int64_t size(const File& file) const;
  int allocate();  // of memory: whether it works

  void arm(const Fault& fault);
  void disarm() { arm({}); }
  bool has_struck() const;     // the armed fault
  int calls(Call call) const;  // since it was armed; of memory only while there is something to strike

  std::size_t position() const;  // how many operations there have been
  // Once nobody writes any more.
  const std::vector<Operation>& log() const { return log_; }
  Files files() const;

  std::mutex& mutex() const { return mutex_; }  // of locks and shared memory, which are the caller's
  Pragmas pragmas = {};

 private:
  int strike(Call call);
  void note(Operation operation);

  mutable std::mutex mutex_;
  const Recording recording_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::vector<Operation> log_;
  std::array<int, 5> calls_{};
  Fault fault_ = {};
  std::atomic<bool> is_armed_{false};
  bool has_struck_ = false;
  int next_number_;
};

}  // namespace paylink::power
