#include "crypto/password.hpp"

#include <sodium.h>

#include "base/ensure.hpp"

namespace paylink::crypto {
namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = 32 * 1024 * 1024;

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  ENSURE(started);
}

}  // namespace

Result<std::string> hash_password(const Secret& password) {
  start_sodium();
  char text[crypto_pwhash_STRBYTES];
  const std::string& plain = password.reveal();
  if (crypto_pwhash_str_alg(text, plain.data(), plain.size(), passes, memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::unavailable, "out_of_memory", "There is no memory to hash a password.");
  return std::string(text);
}

const std::string& nobodys_password_hash() {
  static const std::string hash =
      "$argon2id$v=19$m=32768,t=2,p=1$IH+VHF8bC0EFEwXWyH230g$l5nzG/TZDE4FsA75xWOiwqHG5s8sJlYHlnjmUOr2VJc";
  return hash;
}

PasswordCheck check_password(const Secret& password, const std::string& hash) {
  start_sodium();
  const std::string& plain = password.reveal();
  if (crypto_pwhash_str_verify(hash.c_str(), plain.data(), plain.size()) != 0) return PasswordCheck::wrong;
  const bool outdated = crypto_pwhash_str_needs_rehash(hash.c_str(), passes, memory_bytes) != 0;
  return outdated ? PasswordCheck::right_but_outdated : PasswordCheck::right;
}

}  // namespace paylink::crypto
