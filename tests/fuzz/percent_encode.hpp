#pragma once

#include <string>
#include <string_view>

namespace paylink::fuzz {

// Each byte as an escape, whatever it is.
inline std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789aBcDEf";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
}

}  // namespace paylink::fuzz
