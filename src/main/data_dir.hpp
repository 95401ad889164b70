#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace paylink::main {

// A data directory that this process alone uses, as long as the object lives.
class DataDir {
 public:
  // Creates the directory (mode 0700). Fails with `data_dir_in_use` or `data_dir_unusable`.
  static Result<std::unique_ptr<DataDir>> open(const std::string& path);
  // The one that a file is in, whether it is there yet or not, by whatever way it is named.
  static Result<std::string> path_of(const std::string& file);
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

// A file of 1 MiB at most. Absence is `not_found`, more than that `file_too_large`; anything else that goes wrong is
// `unavailable`.
Result<std::string> read_file(const std::string& path);
// Written beside and renamed, mode 0600, synced: whoever sees the file sees all of it.
Result<> write_file(const std::string& path, const std::string& content);

}  // namespace paylink::main
