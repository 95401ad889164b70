#include "domain/email.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace paylink {

bool is_email(std::string_view text) {
  constexpr std::size_t length_max = 254;  // RFC 5321 4.5.3.1.3, less the angle brackets
  constexpr std::string_view forbidden = "\"(),:;<>[]\\";
  if (text.size() > length_max || !is_utf8(text)) return false;
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return false;
  const std::string_view domain = text.substr(at + 1);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos)
    return false;
  return std::ranges::none_of(text, [&](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || forbidden.find(c) != std::string_view::npos;
  });
}

std::string normal_email(std::string_view email) {
  while (email.starts_with(' ')) email.remove_prefix(1);
  while (email.ends_with(' ')) email.remove_suffix(1);
  return lower_ascii(email);
}

std::string masked_email(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == std::string_view::npos || at == 0) return "…";
  // The whole first character, of however many bytes.
  std::size_t first = 1;
  while (first < at && (static_cast<unsigned char>(email[first]) & 0xC0) == 0x80) ++first;
  return std::string(email.substr(0, first)) + "…" + std::string(email.substr(at));
}

}  // namespace paylink
