#include "disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace paylink::power {

Numbers count(const Files& files) {
  Numbers numbers;
  for (const auto& [path, bytes] : files) numbers.files[path] = numbers.next++;
  return numbers;
}

Disk::Disk(Files files, Recording recording, const Numbers& numbers)
    : recording_(recording), next_number_(numbers.next) {
  for (auto& [path, bytes] : files)
    files_.emplace(path, std::make_shared<File>(numbers.files.at(path), std::move(bytes)));
}

std::shared_ptr<File> Disk::find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<File> Disk::create(const std::string& path, bool syncs_directory) {
  const std::lock_guard lock(mutex_);
  auto file = std::make_shared<File>(next_number_++, std::string(), syncs_directory);
  files_[path] = file;
  note({Operation::Kind::create, file->number, 0, path});
  return file;
}

bool Disk::remove(const std::string& path, bool sync_directory) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(path);
  if (found == files_.end()) return false;
  note({Operation::Kind::remove, found->second->number, 0, path, sync_directory});
  files_.erase(found);
  return true;
}

int Disk::read(const File& file, char* bytes, std::int64_t size, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  if (const int fault = strike(Call::read); fault != SQLITE_OK) return fault;
  const auto end = static_cast<std::int64_t>(file.bytes.size());
  const std::int64_t there = std::clamp<std::int64_t>(end - offset, 0, size);
  if (there > 0) std::memcpy(bytes, file.bytes.data() + offset, static_cast<std::size_t>(there));
  if (there == size) return SQLITE_OK;
  std::memset(bytes + there, 0, static_cast<std::size_t>(size - there));
  return SQLITE_IOERR_SHORT_READ;
}

int Disk::write(File& file, std::string_view bytes, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  const int fault = strike(Call::write);
  if (fault != SQLITE_OK) bytes = bytes.substr(0, bytes.size() / 2);  // it gets so far
  if (bytes.empty()) return fault;
  const auto begin = static_cast<std::size_t>(offset);
  if (file.bytes.size() < begin + bytes.size()) file.bytes.resize(begin + bytes.size());
  std::memcpy(file.bytes.data() + begin, bytes.data(), bytes.size());
  note({Operation::Kind::write, file.number, offset, std::string(bytes)});
  return fault;
}

int Disk::truncate(File& file, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  if (const int fault = strike(Call::truncate); fault != SQLITE_OK) return fault;
  file.bytes.resize(static_cast<std::size_t>(size));
  note({Operation::Kind::truncate, file.number, size});
  return SQLITE_OK;
}

int Disk::sync(File& file) {
  const std::lock_guard lock(mutex_);
  if (const int fault = strike(Call::sync); fault != SQLITE_OK) {
    note({Operation::Kind::failed_sync, file.number});
    return fault;
  }
  note({Operation::Kind::sync, file.number, 0, {}, file.is_new});
  file.is_new = false;
  return SQLITE_OK;
}

std::int64_t Disk::size(const File& file) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(file.bytes.size());
}

int Disk::allocate() {
  if (!is_armed_) return SQLITE_OK;  // every piece of memory passes here
  const std::lock_guard lock(mutex_);
  return strike(Call::memory);
}

void Disk::arm(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  is_armed_ = fault.at != 0;
  has_struck_ = false;
  calls_ = {};
}

bool Disk::has_struck() const {
  const std::lock_guard lock(mutex_);
  return has_struck_;
}

int Disk::calls(Call call) const {
  const std::lock_guard lock(mutex_);
  return calls_[static_cast<std::size_t>(call)];
}

std::size_t Disk::position() const {
  const std::lock_guard lock(mutex_);
  return log_.size();
}

Files Disk::files() const {
  const std::lock_guard lock(mutex_);
  Files files;
  for (const auto& [path, file] : files_) files.emplace(path, file->bytes);
  return files;
}

int Disk::strike(Call call) {
  const int number = ++calls_[static_cast<std::size_t>(call)];
  if (fault_.at == 0 || fault_.call != call || number < fault_.at) return SQLITE_OK;
  if (fault_.lasting == Lasting::once && number > fault_.at) return SQLITE_OK;
  has_struck_ = true;
  return fault_.code;
}

void Disk::note(Operation operation) {
  if (recording_ == Recording::yes) log_.push_back(std::move(operation));
}

}  // namespace paylink::power
