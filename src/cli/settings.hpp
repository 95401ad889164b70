#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/call.hpp"
#include "cli/report.hpp"

namespace paylink::cli {

// What one place (the flags, a ready file, the environment, the configuration file) says.
struct Source {
  std::string name;  // for messages
  std::optional<std::string> base_url{}, token{}, api_key{}, staging_token{}, output{};
};

struct Settings {
  Access access;
  std::optional<Output> output;  // absent: as stdout suggests
};

// What the sources say together: the first that says something wins. Token and API key are one thing, the credentials:
// the first source that has either decides, its token before its key. Fails with `usage` for what cannot be sent.
Result<Settings> resolve(const std::vector<Source>& sources);

// The address, the token and, when there is one, the staging token in a sandbox's ready file. Fails with `usage` when
// one of the first two is not there.
Result<Source> read_ready_file(const std::string& name, const std::string& text);

// Fails with `usage` unless `key` is what the API takes as an idempotency key: 1 to 255 printable ASCII characters.
Result<> check_idempotency_key(const std::string& key);

}  // namespace paylink::cli
