#include "crypto/keyring.hpp"

#include "base/ensure.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hmac.hpp"

namespace paylink::crypto {
namespace {

constexpr std::size_t key_size = 32;

Secret derive(const Secret& master, std::string_view purpose) {
  return hkdf_sha256({.key = master.reveal(), .salt = "paylink", .purpose = purpose}, key_size);
}

}  // namespace

Result<KeyRing> KeyRing::parse(const Secret& text) {
  std::string_view line = text.reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  auto bytes = from_base64url(line);
  if (!bytes || bytes->size() != key_size)
    return fail(ErrorCode::invalid_input, "invalid_key_file",
                "The key file must hold one line of 43 characters in base64url: 32 random bytes.");
  return of_master(Secret(*std::move(bytes)));
}

Secret KeyRing::make_text(Random& random) {
  auto bytes = random.bytes<key_size>();
  Secret text(to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "\n");
  wipe(bytes.data(), bytes.size());
  return text;
}

KeyRing KeyRing::of_master(const Secret& master) {
  ENSURE(master.reveal().size() == key_size);
  return {derive(master, "token"), derive(master, "form"), derive(master, "audit"), derive(master, "cursor"),
          SealingKey(derive(master, "seal"))};
}

std::string KeyRing::hash_token(std::string_view token) const { return hmac_sha256(token_.reveal(), token); }

std::string KeyRing::sign_form(std::string_view text) const { return hmac_sha256(form_.reveal(), text); }

std::string KeyRing::sign_audit(std::string_view text) const { return hmac_sha256(audit_.reveal(), text); }

std::string KeyRing::sign_cursor(std::string_view text) const { return hmac_sha256(cursor_.reveal(), text); }

}  // namespace paylink::crypto
