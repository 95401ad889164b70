#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace paylink::crypto {

// Encrypts secrets that we must be able to read again, with XChaCha20-Poly1305. What is sealed is bound to a text that
// says what it is and whose ("connections|<organization>|<id>|api_key"): moved to another row, it does not open.
class SealingKey {
 public:
  // 32 bytes; anything else is a bug.
  explicit SealingKey(Secret key);

  // One byte of version, four of key id, 24 of nonce, then the ciphertext and its tag: 45 bytes more than the secret.
  std::string seal(const Secret& secret, std::string_view bound_to, Random& random) const;

  // Fails with `sealed_by_other_key` or `seal_broken`, both internal.
  Result<Secret> open(std::string_view sealed, std::string_view bound_to) const;

 private:
  Secret key_;
  std::string header_;  // version and key id
};

}  // namespace paylink::crypto
