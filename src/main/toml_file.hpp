#pragma once

#include <toml++/toml.h>

#include <string_view>

#include "base/result.hpp"

namespace paylink::main {

// Reads TOML 1.0. Letters beyond ASCII may stand in texts and comments alone: no name of a setting has any, and toml++
// 3.3 meets undefined behaviour at some of them where a key should begin. Fails with `bad_toml`: "line 3: …".
Result<toml::table> parse_toml(std::string_view text);

}  // namespace paylink::main
