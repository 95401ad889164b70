#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/ensure.hpp"

namespace paylink::crypto {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Looking up an algorithm and making a context cost more than hashing a short text: each thread does it once.
struct Hasher {
  std::unique_ptr<EVP_MD, FreeDigest> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context{EVP_MD_CTX_new()};
};

}  // namespace

std::string sha256(std::string_view bytes) {
  thread_local const Hasher hasher;
  EVP_MD_CTX* context = hasher.context.get();
  ENSURE(EVP_DigestInit_ex2(context, hasher.algorithm.get(), nullptr) == 1);
  ENSURE(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
  std::string digest(32, '\0');
  unsigned int size = 0;
  ENSURE(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), &size) == 1 && size == 32);
  return digest;
}

}  // namespace paylink::crypto
