#include "domain/new_password.hpp"

#include "domain/email.hpp"

namespace paylink {

std::optional<PasswordFault> password_fault(std::string_view password, std::string_view email) {
  if (password.size() < password_bytes_min) return PasswordFault::too_short;
  if (password.size() > password_bytes_max) return PasswordFault::too_long;
  if (normal_email(password) == normal_email(email)) return PasswordFault::is_email;
  // The same character all over again, of however many bytes.
  std::size_t first = 1;
  while (first < password.size() && (static_cast<unsigned char>(password[first]) & 0xC0) == 0x80) ++first;
  if (password.substr(first) == password.substr(0, password.size() - first)) return PasswordFault::one_character;
  return std::nullopt;
}

}  // namespace paylink
