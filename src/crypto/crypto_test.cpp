#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hmac.hpp"
#include "crypto/keyring.hpp"
#include "crypto/password.hpp"
#include "crypto/seal.hpp"
#include "crypto/token.hpp"

namespace paylink::crypto {
namespace {

// 0, 1, 2, …: what a test makes can be foreseen.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next_++);
  }

 private:
  unsigned next_ = 0;
};

std::string hex(std::string_view text) { return from_hex(text).value(); }

TEST(Digest, Vectors) {  // FIPS 180-4, as NIST publishes them
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hmac, Vectors) {  // RFC 4231, cases 1, 2, 3, 6
  struct Case {
    std::string key;
    std::string text;
    const char* code;
  };
  const Case cases[] = {
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(to_hex(hmac_sha256(c.key, c.text)), c.code);
  }
}

TEST(Hkdf, Vectors) {  // RFC 5869, cases 1 and 3
  const std::string key(22, '\x0b');
  const std::string salt = hex("000102030405060708090a0b0c"), purpose = hex("f0f1f2f3f4f5f6f7f8f9");
  EXPECT_EQ(to_hex(hkdf_sha256({.key = key, .salt = salt, .purpose = purpose}, 42).reveal()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256({.key = key, .salt = "", .purpose = ""}, 42).reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Encoding, Vectors) {  // RFC 4648, section 10, in our alphabets
  struct Case {
    const char* text;
    const char* base32;
    const char* base64url;
  };
  constexpr Case cases[] = {{"", "", ""},
                            {"f", "my", "Zg"},
                            {"fo", "mzxq", "Zm8"},
                            {"foo", "mzxw6", "Zm9v"},
                            {"foob", "mzxw6yq", "Zm9vYg"},
                            {"fooba", "mzxw6ytb", "Zm9vYmE"},
                            {"foobar", "mzxw6ytboi", "Zm9vYmFy"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(to_base32(c.text), c.base32);
    EXPECT_EQ(from_base32(c.base32), c.text);
    EXPECT_EQ(to_base64url(c.text), c.base64url);
    EXPECT_EQ(from_base64url(c.base64url), c.text);
  }
  EXPECT_EQ(to_base64url("\xFB\xFF\xFE"), "-__-");
  EXPECT_EQ(to_hex(std::string_view("\x00\xAB", 2)), "00ab");
}

TEST(Encoding, DecodesTheCanonicalFormOnly) {
  for (const char* text : {"m", "mz", "mzx", "MY", "my======", "my ", "m1", "mzxw6yr"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(from_base32(text));
  }
  for (const char* text : {"Z", "Zh", "Zg==", "Zm8+", "Zm8/", "Zm9", "Z g"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(from_base64url(text));
  }
  for (const char* text : {"a", "AB", "0g"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(from_hex(text));
  }
}

const Uuid organization = *Uuid::parse("019788b3-57ab-727c-b26e-86b95c16e93f");

TEST(Token, CarriesItsOrganization) {
  CountingRandom random;
  const Secret token = make_token(organization, random);
  EXPECT_EQ(token.reveal().size(), 91u);
  EXPECT_EQ(token.reveal(), "plk_aglyrm2xvnzhzmtoq24vyfxjh4_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq_" +
                                token.reveal().substr(84));
  EXPECT_EQ(token_organization(token.reveal()), organization);
  EXPECT_FALSE(make_token(organization, random).equals(token.reveal()));
}

TEST(Token, OfAnApplicationIsASecretOfItsOwn) {
  CountingRandom random;
  const Secret secret = make_client_secret(random);
  const std::string checked = secret.reveal().substr(0, 56);
  EXPECT_EQ(checked, "pls_aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq");
  EXPECT_EQ(secret.reveal(), checked + "_" + to_base32(sha256(checked).substr(0, 4)));
  EXPECT_FALSE(make_client_secret(random).equals(secret.reveal()));
  EXPECT_FALSE(token_organization(secret.reveal()));
}

TEST(Token, AnyTypoIsRefused) {
  CountingRandom random;
  const std::string token = make_token(organization, random).reveal();
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : std::string_view("a2_Z ")) {
      std::string typo = token;
      if (typo[i] == c) continue;
      typo[i] = c;
      EXPECT_FALSE(token_organization(typo)) << typo;
    }
    EXPECT_FALSE(token_organization(token.substr(0, i)));
  }
  EXPECT_FALSE(token_organization(token + "a"));
  EXPECT_FALSE(token_organization(""));
}

const SealingKey& sealing_key() {
  static const SealingKey key{Secret(std::string(32, 'k'))};
  return key;
}

TEST(Seal, HasItsHeaderAndNonce) {
  CountingRandom random;
  const std::string sealed = sealing_key().seal(Secret("secret"), "row", random);
  EXPECT_EQ(sealed.size(), 45u + 6u);
  EXPECT_EQ(to_hex(sealed.substr(0, 1)), "01");
  EXPECT_EQ(to_hex(sealed.substr(5, 24)), "000102030405060708090a0b0c0d0e0f1011121314151617");
}

TEST(Seal, OpensOnlyWhatWasSealedHere) {
  CountingRandom random;
  const std::string sealed = sealing_key().seal(Secret("live_abc"), "connections|1", random);
  EXPECT_EQ(sealing_key().open(sealed, "connections|1")->reveal(), "live_abc");
  EXPECT_EQ(sealing_key().open(sealed, "connections|2").error().reason, "seal_broken");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(sealing_key().open(changed, "connections|1")) << i;
    EXPECT_FALSE(sealing_key().open(sealed.substr(0, i), "connections|1")) << i;
  }
  const SealingKey other{Secret(std::string(32, 'o'))};
  EXPECT_EQ(other.open(sealed, "connections|1").error().reason, "sealed_by_other_key");
  EXPECT_EQ(other.open(sealed, "connections|1").error().code, ErrorCode::internal);
  EXPECT_EQ(sealing_key().open(sealing_key().seal(Secret(""), "x", random), "x")->reveal(), "");
  EXPECT_NE(sealing_key().seal(Secret("a"), "x", random), sealing_key().seal(Secret("a"), "x", random));
}

TEST(KeyRing, DerivesAKeyForEachPurpose) {
  CountingRandom random;
  const Secret text = KeyRing::make_text(random);
  EXPECT_EQ(text.reveal(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
  const auto keys = KeyRing::parse(text);
  ASSERT_TRUE(keys);
  // Pinned: were these to change, no stored token would be found any more.
  EXPECT_EQ(to_hex(keys->hash_token("plk_x")), "a76d1647ef87bc19e9a17056ad502fc07765072c72b887641b6bf8373ba5e684");
  EXPECT_EQ(to_hex(keys->sign_form("plk_x")), "e0c91660c0fe879918cab8d989e95f159bf38b5a240156a663756fbf06985a6c");
  const KeyRing same = KeyRing::of_master(Secret(*from_base64url(text.reveal().substr(0, 43))));
  EXPECT_EQ(same.open(keys->seal(Secret("s"), "x", random), "x")->reveal(), "s");
}

TEST(KeyRing, RefusesADamagedFile) {
  for (const char* text :
       {"", "\n", "AAECAwQF", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n\n",
        " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"}) {
    SCOPED_TRACE(text);
    const auto keys = KeyRing::parse(Secret(text));
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().reason, "invalid_key_file");
  }
}

TEST(Password, HashesAndChecks) {
  const auto hash = hash_password(Secret("correct horse"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=32768,t=2,p=1$")) << *hash;
  EXPECT_EQ(check_password(Secret("correct horse"), *hash), PasswordCheck::right);
  EXPECT_EQ(check_password(Secret("correct horsf"), *hash), PasswordCheck::wrong);
  EXPECT_EQ(check_password(Secret(""), *hash), PasswordCheck::wrong);
  EXPECT_EQ(check_password(Secret("correct horse"), "no hash"), PasswordCheck::wrong);
  EXPECT_NE(*hash_password(Secret("correct horse")), *hash);
}

// Else somebody who is not there would be told apart by how long a wrong password takes.
TEST(Password, OfNobodyCostsWhatAnyOtherDoes) {
  const auto hash = hash_password(Secret("correct horse"));
  const auto parameters = [](const std::string& text) { return text.substr(0, text.find('$', text.find("p=")) + 1); };
  EXPECT_EQ(parameters(nobodys_password_hash()), parameters(*hash));
  EXPECT_EQ(nobodys_password_hash().size(), hash->size());
  EXPECT_EQ(check_password(Secret("correct horse"), nobodys_password_hash()), PasswordCheck::wrong);
}

}  // namespace
}  // namespace paylink::crypto
