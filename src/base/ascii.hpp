#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Characters as protocols mean them: letters are a to z, whatever the locale says.
namespace paylink {

constexpr char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_ascii(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) { return lower_ascii(c); });
  return lowered;
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 0 to 15; -1 for what is no hex digit of either case.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lowered = lower_ascii(c);
  return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

// Without such characters at either end.
constexpr std::string_view trimmed(std::string_view text, std::string_view spaces = " \t") {
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower_ascii(a) == lower_ascii(b); });
}

}  // namespace paylink
