#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paylink::crypto {

// RFC 4648 without padding: base32 in lower case, base64 in the alphabet for URLs. Decoding takes the canonical form
// only: one text for each value, so that nothing is found under two spellings.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

std::string to_hex(std::string_view bytes);                  // lower case
std::optional<std::string> from_hex(std::string_view text);  // lower case only

}  // namespace paylink::crypto
