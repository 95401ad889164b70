#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "crypto/password.hpp"

namespace paylink::app {

// Hashing a password takes some 50 ms of a core and 32 MiB: it is done where nobody else waits for it, a few at a time.
// Both fail with `unavailable` (`overloaded`) when too many wait, or too many that come from `network` (any text), at
// once, and go on wherever the hashing was done.
class Passwords {
 public:
  virtual ~Passwords() = default;

  virtual Task<Result<crypto::PasswordCheck>> check(Secret password, std::string hash, std::string network) = 0;
  // Fails with `out_of_memory` too.
  virtual Task<Result<std::string>> hash(Secret password, std::string network) = 0;
};

}  // namespace paylink::app
