#include "main/keys.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "main/data_dir.hpp"

namespace paylink::main {
namespace {

Failure unusable(std::string message) {
  return fail(ErrorCode::invalid_input, "key_file_unusable", std::move(message));
}

}  // namespace

Result<> check_key_place(const std::string& path, const std::string& data_dir) {
  std::error_code error;
  const auto key = std::filesystem::weakly_canonical(path, error);
  const auto data = std::filesystem::weakly_canonical(data_dir, error);
  const auto relative = key.lexically_relative(data);
  if (!relative.empty() && *relative.begin() != "..")
    return unusable("The key file " + path +
                    " is inside the data directory. Put it elsewhere: whoever copies the data must not get the key.");
  return {};
}

Result<crypto::KeyRing> read_key_file(const std::string& path, const std::string& data_dir) {
  TRY(check_key_place(path, data_dir));
  auto text = read_file(path);
  if (!text && text.error().code == ErrorCode::not_found)
    return unusable("There is no key file " + path + ". `paylink init` makes it.");
  if (!text) return std::move(text).failure();
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & 0077) != 0)
    return unusable("The key file " + path + " can be read by others. Run: chmod 600 " + path);
  auto keys = crypto::KeyRing::parse(Secret(*std::move(text)));
  if (!keys) return unusable("The key file " + path + " is damaged: it must hold 32 bytes as base64url.");
  return keys;
}

Result<crypto::KeyRing> ensure_key_file(const std::string& path, const std::string& data_dir, Random& random) {
  TRY(check_key_place(path, data_dir));
  if (!std::filesystem::exists(path)) {
    std::error_code error;
    if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty())
      std::filesystem::create_directories(parent, error);
    TRY(write_file(path, crypto::KeyRing::make_text(random).reveal()));
  }
  return read_key_file(path, data_dir);
}

}  // namespace paylink::main
