#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "crypto/keyring.hpp"

namespace paylink::main {

// The master key's file: 32 random bytes as base64url, readable by its owner alone, outside the data directory so that
// a stolen copy of the data opens nothing. Fails with `key_file_unusable`.
Result<crypto::KeyRing> read_key_file(const std::string& path, const std::string& data_dir);

// Fails as above where the file may not be.
Result<> check_key_place(const std::string& path, const std::string& data_dir);

// Makes the file when there is none, then reads it.
Result<crypto::KeyRing> ensure_key_file(const std::string& path, const std::string& data_dir, Random& random);

}  // namespace paylink::main
