// The configuration file (main/settings), through a file in memory. What is accepted lies within the limits.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "http/hosts.hpp"
#include "http/web_address.hpp"
#include "input.hpp"
#include "main/settings.hpp"
#include "main/toml_file.hpp"

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

// What a setting may be at all: a text, a whole number, true or false, or a list of texts. In tables it is looked for.
bool is_setting(const toml::node& node) {
  if (const auto* table = node.as_table())
    return std::ranges::all_of(*table, [](const auto& member) { return is_setting(member.second); });
  if (const auto* list = node.as_array())
    return std::ranges::all_of(*list, [](const toml::node& element) { return element.is_string(); });
  return node.is_string() || node.is_integer() || node.is_boolean();
}

bool is_safe(const std::string& url) {
  const auto address = http::parse_web_address(url);
  return address && !address->has_user && (address->scheme == http::Scheme::https || address->is_loopback());
}

template <class Number>
bool is_within(Number number, std::int64_t min, std::int64_t max) {
  const auto wide = static_cast<std::int64_t>(number);
  return wide >= min && wide <= max;
}

void check_rest(const main::Settings& settings) {
  for (const std::string* text : {&settings.address, &settings.public_url, &settings.data_dir, &settings.database,
                                  &settings.key_file, &settings.mollie_url, &settings.mollie_authorize_url})
    ENSURE(text->find('\0') == std::string::npos);
  // Keys of merchants go over the one, and their browsers to the other.
  ENSURE(settings.mollie_url.empty() || is_safe(settings.mollie_url));
  ENSURE(settings.mollie_authorize_url.empty() || is_safe(settings.mollie_authorize_url));
  ENSURE(is_within(settings.postgres_connections, 2, 500) && is_within(settings.oauth_code_life.count(), 1, 600));
  ENSURE(is_within(settings.client_limits.requests_per_10s, 1, 10'000'000));
  ENSURE(is_within(settings.client_limits.requests_per_10min, 1, 10'000'000));
  ENSURE(is_within(settings.client_limits.unauthorized_per_hour, 1, 10'000'000));
  ENSURE(is_within(settings.writes_per_client, 1, 1'000'000));
}

void check_settings(const main::Settings& settings) {
  ENSURE(http::canonical_address(settings.address) && !settings.public_url.ends_with('/'));
  for (const std::string& proxy : settings.trusted_proxies) ENSURE(http::canonical_address(proxy));
  ENSURE(settings.public_url.empty() || settings.public_url.starts_with("http"));
  ENSURE(settings.limits.head_bytes >= 1024 && settings.limits.head_bytes <= 1 << 20);
  ENSURE(settings.limits.body_bytes >= 1024 && settings.limits.body_bytes <= 1 << 20);
  ENSURE(settings.limits.fields >= 10 && settings.limits.fields <= 1000);
  ENSURE(settings.limits.head_time.count() >= 100 && settings.limits.idle_time.count() >= 100);
  ENSURE(settings.limits.body_bytes_per_second >= 1 && settings.limits.connections >= 1 && settings.write_queue >= 1);
  ENSURE(is_within(settings.limits.held_bytes, 1 << 20, 1'000'000'000'000));
  check_rest(settings);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  const std::string_view text = fuzz::text_of(data, size);
  const MemoryFile file(text);
  const auto settings = main::read_settings({}, file.path());
  if (settings) {
    check_settings(*settings);
    const auto table = main::parse_toml(text);
    ENSURE(table.has_value() && is_setting(*table));
  } else {
    ENSURE(settings.error().code == ErrorCode::invalid_input && settings.error().reason == "bad_setting" &&
           !settings.error().message.empty());
  }
  return 0;
}
