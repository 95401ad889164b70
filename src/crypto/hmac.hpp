#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace paylink::crypto {

// HMAC-SHA256 (RFC 2104): 32 bytes. To check one, compare with `equal_constant_time`.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// HKDF with SHA-256 (RFC 5869): `size` bytes (at most 8160) for one purpose.
struct HkdfInput {
  std::string_view key;
  std::string_view salt;
  std::string_view purpose;  // RFC 5869 calls it info
};
Secret hkdf_sha256(const HkdfInput& input, std::size_t size);

}  // namespace paylink::crypto
