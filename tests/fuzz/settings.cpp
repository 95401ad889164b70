// The configuration file (main/settings), through a file in memory. What is accepted lies within the limits.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "http/hosts.hpp"
#include "input.hpp"
#include "main/settings.hpp"

namespace paylink {
namespace {

// A file that lasts as long as this, with these contents.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view contents) : file_(::memfd_create("settings", MFD_CLOEXEC)) {
    ENSURE(file_ >= 0);
    ENSURE(::write(file_, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()));
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

void check_settings(const main::Settings& settings) {
  ENSURE(http::canonical_address(settings.address) && !settings.public_url.ends_with('/'));
  for (const std::string& proxy : settings.trusted_proxies) ENSURE(http::canonical_address(proxy));
  ENSURE(settings.public_url.empty() || settings.public_url.starts_with("http"));
  ENSURE(settings.limits.head_bytes >= 1024 && settings.limits.head_bytes <= 1 << 20);
  ENSURE(settings.limits.body_bytes >= 1024 && settings.limits.body_bytes <= 1 << 24);
  ENSURE(settings.limits.fields >= 10 && settings.limits.fields <= 1000);
  ENSURE(settings.limits.head_time.count() >= 100 && settings.limits.idle_time.count() >= 100);
  ENSURE(settings.limits.body_bytes_per_second >= 1 && settings.limits.connections >= 1 && settings.write_queue >= 1);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  const std::string_view text = fuzz::text_of(data, size);
  const MemoryFile file(text);
  const auto settings = main::read_settings({}, file.path());
  if (settings)
    check_settings(*settings);
  else
    ENSURE(settings.error().code == ErrorCode::invalid_input && settings.error().reason == "bad_setting" &&
           !settings.error().message.empty());
  return 0;
}
