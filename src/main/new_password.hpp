#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace paylink::main {

// A password that nobody chose, 144 random bits as 24 characters, to be shown once. Made by the command, never by a
// server: hashing takes long, and no server need hear the text.
struct NewPassword {
  Secret text;
  std::string hash;  // Argon2id

  // Fails with `out_of_memory`.
  static Result<NewPassword> create(Random& random);
};

}  // namespace paylink::main
