#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paylink {

// RFC 3629: shortest forms only, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

// Every database stores it as text: UTF-8 without NUL.
bool is_text(std::string_view bytes);

// The same without control characters (C0, DEL, C1).
bool is_line(std::string_view bytes);

// Text, with U+FFFD for each byte that keeps `bytes` from being text: for what others have sent, and people read.
std::string as_text(std::string_view bytes);

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

// The first code point of UTF-8 that is not empty; a byte that begins none counts as itself.
CodePoint first_code_point(std::string_view text);

}  // namespace paylink
