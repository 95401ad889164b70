#include "crypto/seal.hpp"

#include <sodium.h>

#include <cstring>

#include "base/ensure.hpp"
#include "crypto/hmac.hpp"

namespace paylink::crypto {
namespace {

constexpr char version = 1;
constexpr std::size_t id_size = 4;
constexpr std::size_t header_size = 1 + id_size;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Failure unreadable(const char* reason) {
  return fail(ErrorCode::internal, reason, "Something went wrong on our side.",
              "a stored secret cannot be opened: is this the key file it was sealed with?");
}

}  // namespace

SealingKey::SealingKey(Secret key) : key_(std::move(key)) {
  static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);
  ENSURE(key_.reveal().size() == 32);
  header_ = version + hmac_sha256(key_.reveal(), "sealing key id").substr(0, id_size);
}

std::string SealingKey::seal(const Secret& secret, std::string_view bound_to, Random& random) const {
  const std::string& plain = secret.reveal();
  const auto nonce = random.bytes<nonce_size>();
  std::string sealed = header_;
  sealed.resize(header_size + nonce_size + plain.size() + tag_size);
  std::memcpy(sealed.data() + header_size, nonce.data(), nonce_size);
  const std::string associated = header_ + std::string(bound_to);
  unsigned long long size = 0;
  const int outcome = crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes(sealed) + header_size + nonce_size, &size, bytes(std::string_view(plain)), plain.size(),
      bytes(std::string_view(associated)), associated.size(), nullptr, bytes(sealed) + header_size,
      bytes(std::string_view(key_.reveal())));
  ENSURE(outcome == 0 && size == plain.size() + tag_size);
  return sealed;
}

Result<Secret> SealingKey::open(std::string_view sealed, std::string_view bound_to) const {
  if (sealed.size() < header_size + nonce_size + tag_size) return unreadable("seal_broken");
  if (!sealed.starts_with(header_)) return unreadable("sealed_by_other_key");
  const std::string_view nonce = sealed.substr(header_size, nonce_size);
  const std::string_view cipher = sealed.substr(header_size + nonce_size);
  const std::string associated = header_ + std::string(bound_to);
  std::string plain(cipher.size() - tag_size, '\0');
  unsigned long long size = 0;
  const int outcome = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes(plain), &size, nullptr, bytes(cipher), cipher.size(), bytes(std::string_view(associated)),
      associated.size(), bytes(nonce), bytes(std::string_view(key_.reveal())));
  if (outcome != 0) return unreadable("seal_broken");
  return Secret(std::move(plain));
}

}  // namespace paylink::crypto
