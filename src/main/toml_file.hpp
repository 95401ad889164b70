#pragma once

#include <toml++/toml.h>

#include <string_view>

#include "base/result.hpp"

namespace paylink::main {

// Reads TOML 1.0, but for letters beyond ASCII in names and between single quotes: no name of a setting has any. toml++
// 3.3 itself never sees one, since some of them lead it into undefined behaviour. Fails with `bad_toml`: "line 3: …".
Result<toml::table> parse_toml(std::string_view text);

}  // namespace paylink::main
