#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/utf8.hpp"

namespace paylink::cli {
namespace {

bool is_between(char32_t value, char32_t first, char32_t last) { return value >= first && value <= last; }

std::size_t columns_of(char32_t c) {
  if (is_between(c, 0x300, 0x36F)) return 0;
  const bool wide = is_between(c, 0x1100, 0x115F) || is_between(c, 0x2E80, 0xA4CF) || is_between(c, 0xAC00, 0xD7A3) ||
                    is_between(c, 0xF900, 0xFAFF) || is_between(c, 0xFE30, 0xFE6F) || is_between(c, 0xFF00, 0xFF60) ||
                    is_between(c, 0x1F300, 0x1FAFF) || is_between(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

bool is_harmful(char32_t c) {
  return c < 0x20 || is_between(c, 0x7F, 0x9F) || c == 0x61C || is_between(c, 0x200B, 0x200F) ||
         is_between(c, 0x2028, 0x202E) || is_between(c, 0x2060, 0x206F) || c == 0xFEFF ||
         is_between(c, 0xE0000, 0xE007F);
}

std::string harmless(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (is_harmful(c.value))
      result += "?";
    else
      result += text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  return result;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    width += columns_of(c.value);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string result;
  std::size_t used = 1;  // for the ellipsis
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    used += columns_of(c.value);
    if (used > width) break;
    result += text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  return result + "…";
}

std::size_t terminal_width() {
  if (const char* const columns = std::getenv("COLUMNS"); columns != nullptr && *columns != '\0')
    return std::strtoul(columns, nullptr, 10);
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace paylink::cli
