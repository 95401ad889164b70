#include "base/utf8.hpp"

namespace paylink {

namespace {

// The bytes of the code point that `text` begins with; 0 when it begins with none.
std::size_t code_point_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t more = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) more = 1;
  if (first >= 0xE0 && first <= 0xEF) more = 2;
  if (first >= 0xF0 && first <= 0xF4) more = 3;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (more == 0 || text.size() <= more || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t k = 2; k <= more; ++k)
    if ((byte(k) & 0xC0) != 0x80) return 0;
  return more + 1;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = code_point_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

bool is_text(std::string_view bytes) { return bytes.find('\0') == std::string_view::npos && is_utf8(bytes); }

bool is_line(std::string_view bytes) {
  if (!is_utf8(bytes)) return false;
  while (!bytes.empty()) {
    const CodePoint c = first_code_point(bytes);
    if (c.value < 0x20 || (c.value >= 0x7F && c.value <= 0x9F)) return false;
    bytes.remove_prefix(c.bytes);
  }
  return true;
}

std::string as_text(std::string_view bytes) {
  constexpr std::string_view replacement = "\uFFFD";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = bytes.front() == '\0' ? 0 : code_point_bytes(bytes);
    text += size == 0 ? replacement : bytes.substr(0, size);
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return text;
}

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0xC0 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 1 || length > text.size()) return {byte(0), 1};
  char32_t value = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(i) & 0x3FU);
  return {value, length};
}

}  // namespace paylink
