#include "crypto/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "base/ensure.hpp"

namespace paylink::crypto {
namespace {

struct FreeKeyed {
  void operator()(EVP_MAC* algorithm) const { EVP_MAC_free(algorithm); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  void operator()(EVP_KDF* algorithm) const { EVP_KDF_free(algorithm); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

char sha256_name[] = "SHA256";

// One context per thread, keyed anew for each call.
struct Authenticator {
  Authenticator() {
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256_name, 0),
                                     OSSL_PARAM_construct_end()};
    ENSURE(context && EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  }
  std::unique_ptr<EVP_MAC, FreeKeyed> algorithm{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  std::unique_ptr<EVP_MAC_CTX, FreeKeyed> context{EVP_MAC_CTX_new(algorithm.get())};
};

const unsigned char* unsigned_bytes(std::string_view bytes) {
  // OpenSSL reads a null key as "the key of the last call".
  static constexpr unsigned char nothing = 0;
  return bytes.empty() ? &nothing : reinterpret_cast<const unsigned char*>(bytes.data());
}

OSSL_PARAM octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<unsigned char*>(unsigned_bytes(bytes)), bytes.size());
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const Authenticator authenticator;
  EVP_MAC_CTX* context = authenticator.context.get();
  ENSURE(EVP_MAC_init(context, unsigned_bytes(key), key.size(), nullptr) == 1);
  ENSURE(EVP_MAC_update(context, unsigned_bytes(bytes), bytes.size()) == 1);
  std::string code(32, '\0');
  std::size_t size = 0;
  ENSURE(EVP_MAC_final(context, reinterpret_cast<unsigned char*>(code.data()), &size, code.size()) == 1 && size == 32);
  return code;
}

Secret hkdf_sha256(const HkdfInput& input, std::size_t size) {
  const std::unique_ptr<EVP_KDF, FreeKeyed> algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKeyed> context(EVP_KDF_CTX_new(algorithm.get()));
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256_name, 0),
                                   octets(OSSL_KDF_PARAM_KEY, input.key), octets(OSSL_KDF_PARAM_SALT, input.salt),
                                   octets(OSSL_KDF_PARAM_INFO, input.purpose), OSSL_PARAM_construct_end()};
  std::string bytes(size, '\0');
  ENSURE(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), size, parameters) == 1);
  return Secret(std::move(bytes));
}

}  // namespace paylink::crypto
