#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/seal.hpp"

namespace paylink::crypto {

// All keys of an installation, derived from one master key by purpose (HKDF-SHA256). The master key lies in a file
// outside the data directory: who has the data alone can neither read sealed secrets nor try out tokens.
class KeyRing {
 public:
  // A key file's text: 43 characters of base64url, then at most one line end. Fails with `invalid_key_file`.
  static Result<KeyRing> parse(const Secret& text);
  static Secret make_text(Random& random);  // a new key file, with its line end
  // 32 bytes; anything else is a bug.
  static KeyRing of_master(const Secret& master);

  // What is stored of a token, key or session id, and found again by: 32 bytes.
  std::string hash_token(std::string_view token) const;
  // The code that a form of ours carries: 32 bytes; compare with `equal_constant_time`.
  std::string sign_form(std::string_view text) const;
  // The code that binds an entry of the audit log to the one before it: 32 bytes; compare as above.
  std::string sign_audit(std::string_view text) const;

  // The code of a place in a list that a client carries: 32 bytes; compare as above.
  std::string sign_cursor(std::string_view text) const;

  // As SealingKey says.
  std::string seal(const Secret& secret, std::string_view bound_to, Random& random) const {
    return sealing_.seal(secret, bound_to, random);
  }
  Result<Secret> open(std::string_view sealed, std::string_view bound_to) const {
    return sealing_.open(sealed, bound_to);
  }

 private:
  KeyRing(Secret token, Secret form, Secret audit, Secret cursor, SealingKey sealing)
      : token_(std::move(token)),
        form_(std::move(form)),
        audit_(std::move(audit)),
        cursor_(std::move(cursor)),
        sealing_(std::move(sealing)) {}
  Secret token_;
  Secret form_;
  Secret audit_;
  Secret cursor_;
  SealingKey sealing_;
};

}  // namespace paylink::crypto
