#include "sandbox/duration.hpp"

#include <charconv>

namespace paylink::sandbox {

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr std::string_view units = "dhms";
  constexpr std::int64_t seconds_of[] = {86'400, 3'600, 60, 1};
  constexpr std::int64_t seconds_max = 36'600LL * 86'400;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<std::size_t>(parsed.ptr - text.data());
    if (parsed.ec != std::errc() || digits > 10 || digits == text.size() || text.front() == '-') return std::nullopt;
    const std::size_t unit = units.find(text[digits], next_unit);
    if (unit == std::string_view::npos) return std::nullopt;
    total += number * seconds_of[unit];
    if (total > seconds_max) return std::nullopt;
    next_unit = unit + 1;
    text.remove_prefix(digits + 1);
  }
  return std::chrono::seconds(total);
}

}  // namespace paylink::sandbox
