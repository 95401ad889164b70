// What a request shows of who sends it (app/authenticate, app/idempotency, crypto/token, app/payments' attempt word).
// The fuzzer cannot guess checksums, so a token is tried with the right one as well. What is accepted has one spelling.
#include <algorithm>
#include <string>

#include "app/authenticate.hpp"
#include "app/idempotency.hpp"
#include "app/payments.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/token.hpp"
#include "input.hpp"
#include "keys.hpp"

namespace paylink {
namespace {

constexpr std::size_t token_size = 91, checksum_size = 7;

using fuzz::keys;

// The text with the checksum it ought to have.
std::string with_checksum(std::string_view text) {
  if (text.size() != token_size) return std::string(text);
  std::string token(text.substr(0, token_size - checksum_size));
  return token + crypto::to_base32(crypto::sha256(token.substr(0, token.size() - 1)).substr(0, 4));
}

std::string_view bytes_of(const Uuid& uuid) { return {reinterpret_cast<const char*>(uuid.bytes().data()), 16}; }

void check_token(std::string_view token) {
  const auto organization = crypto::token_organization(token);
  if (!organization) return;
  const std::size_t random_at = 4 + 26 + 1;
  ENSURE(token.size() == token_size && token.substr(4, 26) == crypto::to_base32(bytes_of(*organization)));
  const auto random = crypto::from_base32(token.substr(random_at, 52));
  ENSURE(random.has_value() && random->size() == 32);
  ENSURE(token == with_checksum(token));
}

void check_authorization(std::string_view field) {
  const auto presented = app::read_authorization(field, 1, keys());
  ENSURE(!app::read_authorization(std::nullopt, 2, keys()) && !app::read_authorization(std::nullopt, 0, keys()));
  if (!presented) {
    const std::string& reason = presented.error().reason;
    ENSURE(presented.error().code == ErrorCode::unauthenticated);
    ENSURE(reason == "authorization_token_invalid" || reason == "unauthorized");
    return;
  }
  ENSURE(field.size() > token_size);
  const std::string_view token = field.substr(field.size() - token_size);
  ENSURE(crypto::token_organization(token) == presented->organization.uuid());
  ENSURE(presented->hash == keys().hash_token(token));
  const std::string_view before = field.substr(0, field.size() - token_size);
  if (presented->kind == app::CredentialKind::api_key)
    ENSURE(before == presented->login + ":");
  else
    ENSURE(presented->login.empty() && before.size() >= 7 &&
           before.find_first_not_of(' ', 6) == std::string_view::npos);
}

void check_idempotency_key(std::string_view text) {
  ENSURE(!*app::read_idempotency_key(std::nullopt, std::nullopt, 0));
  const auto key = app::read_idempotency_key(text, std::nullopt, 1);
  ENSURE(!app::read_idempotency_key(text, std::nullopt, 2) &&
         !app::read_idempotency_key(text, std::string(text) + "x", 2));
  ENSURE(key.has_value() == app::read_idempotency_key(text, text, 2).has_value());
  ENSURE(key.has_value() == app::read_idempotency_key(std::nullopt, text, 1).has_value());
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  ENSURE(key.has_value() == (printable && !text.empty() && text.size() <= 255));
  if (key) ENSURE(*key == text);
}

void check_attempt_word(std::string_view text) {
  const auto word = app::read_attempt_word(text);
  if (!word) return;
  ENSURE(word->token.size() == 16);
  ENSURE(crypto::to_base64url(std::string(bytes_of(word->organization.uuid())) + word->token) == text);
}

void check_scopes(std::string_view text) {
  const auto scopes = app::ScopeSet::parse(text);
  const std::string spaced = " " + std::string(text) + " ";
  const auto names = [&](std::string_view name) {
    return spaced.find(" " + std::string(name) + " ") != std::string::npos;
  };
  for (const auto& [scope, name] : app::scope_names.rows) {
    const bool implied = scope == app::Scope::payment_link_create && names("payment_link.write");
    ENSURE(scopes.has(scope) == (names(name) || implied));
  }
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  const std::string_view text = fuzz::text_of(data, size);
  check_idempotency_key(text);
  check_attempt_word(text);
  check_scopes(text);
  check_authorization(text);
  check_token(text);
  const std::size_t from = text.size() > token_size ? text.size() - token_size : 0;
  const std::string token = with_checksum(text.substr(from));
  check_token(token);
  check_authorization(std::string(text.substr(0, from)) + token);
  return 0;
}
