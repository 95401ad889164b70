#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Letters as protocols mean them: a to z, whatever the locale says.
namespace paylink {

constexpr char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_ascii(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) { return lower_ascii(c); });
  return lowered;
}

constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower_ascii(a) == lower_ascii(b); });
}

}  // namespace paylink
