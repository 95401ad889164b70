#include "main/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace paylink::main {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

Failure unusable(const std::string& what, const std::string& path) {
  return fail(ErrorCode::unavailable, "data_dir_unusable", what + " " + path + ": " + std::strerror(errno) + ".");
}

Result<> write_all(int file, const std::string& content, const std::string& path) {
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t part = ::write(file, content.data() + written, content.size() - written);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return unusable("Cannot write", path);
    written += static_cast<std::size_t>(part);
  }
  if (::fsync(file) != 0) return unusable("Cannot write", path);
  return {};
}

}  // namespace

Result<std::unique_ptr<DataDir>> DataDir::open(const std::string& path) {
  std::error_code error;
  const bool fresh = std::filesystem::create_directories(path, error);
  if (error)
    return fail(ErrorCode::unavailable, "data_dir_unusable",
                "Cannot create the data directory " + path + ": " + error.message() + ".");
  if (fresh) ::chmod(path.c_str(), 0700);
  const std::string lock_path = path + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return unusable("Cannot use the data directory: cannot open", lock_path);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(ErrorCode::conflict, "data_dir_in_use",
                "The data directory " + path +
                    " is in use by another paylink. Stop that one first, or choose another --data-dir.");
  }
  return std::unique_ptr<DataDir>(new DataDir(path, lock));
}

Result<std::string> DataDir::path_of(const std::string& file) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(file, error);
  const auto path = error ? absolute : std::filesystem::weakly_canonical(absolute, error);
  if (error)
    return fail(ErrorCode::unavailable, "storage_unavailable",
                "The file " + file + " cannot be used: " + error.message() + ".");
  return path.parent_path().string();
}

DataDir::~DataDir() { ::close(lock_); }

Result<std::string> read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return fail(ErrorCode::not_found, "not_found", "There is no file " + path + ".");
  if (file < 0) return unusable("Cannot read", path);
  std::string content;
  char buffer[4096];
  ssize_t part = 0;
  while (content.size() <= file_bytes_max && (part = ::read(file, buffer, sizeof buffer)) > 0)
    content.append(buffer, static_cast<std::size_t>(part));
  ::close(file);
  if (content.size() > file_bytes_max)
    return fail(ErrorCode::invalid_input, "file_too_large", "The file " + path + " has more than 1 MiB.");
  if (part < 0) return unusable("Cannot read", path);
  return content;
}

Result<> write_file(const std::string& path, const std::string& content) {
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return unusable("Cannot write", beside);
  auto written = write_all(file, content, beside);
  ::close(file);
  if (!written) return written;
  if (::rename(beside.c_str(), path.c_str()) != 0) return unusable("Cannot write", path);
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const int parent = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent >= 0) {
    ::fsync(parent);
    ::close(parent);
  }
  return {};
}

}  // namespace paylink::main
