#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace paylink::crypto {

// Argon2id (RFC 9106), 2 passes over 32 MiB: about 50 ms of one core, so never on an event loop or a lane. The text
// holds the parameters and the salt. Fails with `out_of_memory`.
Result<std::string> hash_password(const Secret& password);

// A hash with today's parameters that no password is known for: what is tried in vain for somebody who is not there is
// checked against it, and takes as long.
const std::string& nobodys_password_hash();

enum class PasswordCheck : std::uint8_t { wrong, right, right_but_outdated };  // outdated: hash and store it anew

// A hash that is not Argon2's is `wrong`.
PasswordCheck check_password(const Secret& password, const std::string& hash);

}  // namespace paylink::crypto
