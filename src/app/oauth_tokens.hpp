#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/caller.hpp"
#include "base/secret.hpp"
#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"
#include "store/oauth_clients.hpp"
#include "store/oauth_grants.hpp"

// What an application gets for a code or a refresh token, and how it gives tokens back: RFC 6749 sections 4.1.3 and 6,
// RFC 7636, RFC 7009, as RFC 9700 tightens them.
namespace paylink::app {

inline constexpr std::chrono::seconds access_token_life{3600};
inline constexpr std::chrono::days grant_life{90};  // of refresh tokens, however often they are exchanged

// What an application says of itself. Of a public one there is no secret.
struct ClientCredentials {
  std::string client_id;
  std::optional<Secret> secret;
};

// Fails with `invalid_client` (unauthenticated): unknown, deleted, and a secret that is wrong, missing, expired or one
// too many look the same.
Result<store::OauthClient> authenticate_client(const ClientCredentials& credentials, const crypto::KeyRing& keys,
                                               sql::Transaction& tx);

struct IssuedTokens {
  Secret access_token;
  std::optional<Secret> refresh_token;  // when `offline_access` was granted
  Scopes scopes;                        // of the access token
  std::chrono::seconds life;            // of the access token: less than usual when its grant ends before
};

// Why there are none: RFC 6749's word, and a sentence for whoever develops the application. What the refusal itself has
// changed (a replayed code ends what it has led to) is committed.
struct TokenRefusal {
  std::string_view error;
  std::string description;
};

using TokenReply = std::variant<IssuedTokens, TokenRefusal>;

struct RedeemCode {
  OrganizationId organization;  // whose code it is, as the code itself says; none for what cannot be a code
  ClientCredentials client;
  std::string code;
  std::string redirect_uri;
  std::optional<std::string> code_verifier;
};

// Both fail as authenticate_client does.
Result<TokenReply> redeem_code(const RedeemCode& command, const crypto::KeyRing& keys, sql::Transaction& tx);

struct RefreshTokens {
  OrganizationId organization;  // as of RedeemCode
  ClientCredentials client;
  std::string refresh_token;
  std::optional<Scopes> scopes;  // fewer than were granted
};

Result<TokenReply> refresh_tokens(const RefreshTokens& command, const crypto::KeyRing& keys, sql::Transaction& tx);

struct RevokeToken {
  OrganizationId organization;  // as of RedeemCode
  ClientCredentials client;
  std::string token;
};

struct Revoked {};

// A refresh token takes everything of its grant with it. A token that is unknown, or of another application, is nothing
// to be told of. Fails as authenticate_client does.
Result<Revoked> revoke_token(const RevokeToken& command, const crypto::KeyRing& keys, sql::Transaction& tx);

struct WithdrawConsent {};

// Ends all that the member has allowed the calling application. Fails with `forbidden` for an API key, which nobody has
// consented to.
Result<Revoked> withdraw_consent(const WithdrawConsent& command, const Caller& caller, sql::Transaction& tx);

}  // namespace paylink::app
