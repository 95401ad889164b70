#pragma once

#include <cstddef>
#include <string_view>

namespace paylink {

// RFC 3629: shortest forms only, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

// The first code point of UTF-8 that is not empty; a byte that begins none counts as itself.
CodePoint first_code_point(std::string_view text);

}  // namespace paylink
