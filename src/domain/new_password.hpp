#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace paylink {

// The least in code points, as NIST SP 800-63B counts them; the most in bytes of UTF-8: no more need be hashed.
inline constexpr std::size_t password_code_points_min = 12, password_bytes_max = 1024;

enum class PasswordFault : std::uint8_t { too_short, too_long, is_email, one_character };

// What is wrong with a password, in UTF-8, that somebody of that address chooses, if anything. What it is made of is
// nobody's business: rules about that make passwords no better.
std::optional<PasswordFault> password_fault(std::string_view password, std::string_view email);

}  // namespace paylink
