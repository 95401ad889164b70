#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "disk.hpp"

// What is left on a disk when its power is cut.
namespace paylink::power {

using Chance = std::mt19937_64;

inline std::size_t below(Chance& chance, std::size_t end) { return static_cast<std::size_t>(chance() % end); }

// Follows a log. What was synced is there for good; anything else may be there, or not, or in part.
class Platter {
 public:
  explicit Platter(const Files& files = {});

  void apply(const Operation& operation);

  // Everything as the operating system would show it: no power was cut.
  Files shown() const;
  Numbers numbers() const;  // of those files, for a disk whose log goes on with this one's
  // One of the things that may be left. Every write that waits is kept, dropped or torn by itself: at a multiple of 512
  // bytes, the sector there old, zeros or garbage as far as the write went. So are changes of a file's size, and new
  // and removed names.
  Files cut(Chance& chance) const;
  // Whether a cut could leave more than one thing.
  bool is_waiting() const;

 private:
  enum class Fate : std::uint8_t { waiting, stored, doubtful };
  struct Change {
    Operation operation;
    Fate fate;
  };
  struct Inode {
    std::string stored;
    std::vector<Change> changes;  // since then, in their order
  };
  struct NameChange {
    std::string path;
    int file;  // -1: removed
  };
  using Names = std::map<std::string, int>;

  static void put(std::string& bytes, const Operation& operation);
  static void tear(std::string& bytes, const Operation& operation, Chance& chance);
  static void rename(Names& names, const NameChange& change);
  Names shown_names() const;
  static void settle(Inode& inode);
  void sync_names();

  std::map<int, Inode> inodes_;
  Names names_;
  std::vector<NameChange> name_changes_;
};

}  // namespace paylink::power
