#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "crypto/password.hpp"

namespace paylink::app {

// Hashing a password takes some 50 ms of a core and 32 MiB: it is done where nobody else waits for it, a few at a time.
// Both fail with `unavailable` (`overloaded`) when too many wait, at once, and go on wherever the hashing was done.
class Passwords {
 public:
  virtual ~Passwords() = default;

  virtual Task<Result<crypto::PasswordCheck>> check(Secret password, std::string hash) = 0;
  // Fails with `out_of_memory` too.
  virtual Task<Result<std::string>> hash(Secret password) = 0;
};

}  // namespace paylink::app
