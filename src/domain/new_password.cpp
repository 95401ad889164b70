#include "domain/new_password.hpp"

#include <algorithm>

#include "domain/email.hpp"

namespace paylink {
namespace {

// A code point that began before.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::optional<PasswordFault> password_fault(std::string_view password, std::string_view email) {
  const auto code_points = std::ranges::count_if(password, [](char c) { return !continues(c); });
  if (static_cast<std::size_t>(code_points) < password_code_points_min) return PasswordFault::too_short;
  if (password.size() > password_bytes_max) return PasswordFault::too_long;
  if (normal_email(password) == normal_email(email)) return PasswordFault::is_email;
  // The same character all over again, of however many bytes.
  std::size_t first = 1;
  while (first < password.size() && continues(password[first])) ++first;
  if (password.substr(first) == password.substr(0, password.size() - first)) return PasswordFault::one_character;
  return std::nullopt;
}

}  // namespace paylink
