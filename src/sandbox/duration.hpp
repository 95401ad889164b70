#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace paylink::sandbox {

// `72h`, `1h30m`, `45s`, `10d`: numbers with units d, h, m, s, largest first, each at most once; at most 36,600 days.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace paylink::sandbox
