#include "app/oauth_tokens.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "app/authorize.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/token.hpp"
#include "store/members.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view invalid_grant = "invalid_grant";

TokenRefusal refuse(std::string description) { return {invalid_grant, std::move(description)}; }

// The same for every reason: whoever tries codes and tokens learns nothing.
TokenRefusal bad_code() { return refuse("The code is unknown, used, expired, or was issued for another client."); }
TokenRefusal bad_refresh_token() {
  return refuse("The refresh token is unknown, used, expired, revoked, or of another client.");
}

// Only whoever has the code, and its client's secret where there is one, is told of these.
TokenRefusal bad_redirect_uri() { return refuse("The redirect_uri is not the one that the code was asked for with."); }

// Why `verifier` is no proof of `challenge`.
TokenRefusal bad_verifier(const std::optional<std::string>& verifier, const std::optional<std::string>& challenge) {
  if (!challenge) return refuse("There is a code_verifier, but the code was asked for without a code_challenge.");
  if (!verifier) return refuse("The parameter code_verifier is missing: the code was asked for with a code_challenge.");
  return refuse("The code_verifier does not belong to the code_challenge.");
}

// It says what was sent and nothing of what is known.
Failure invalid_client(const ClientCredentials& credentials) {
  return fail(ErrorCode::unauthenticated, "invalid_client",
              credentials.secret ? "The client_id is unknown, or the client_secret is not one of its: a public client "
                                   "has none."
                                 : "The client_id is unknown, or the parameter client_secret is missing: only a public "
                                   "client has none.");
}

// RFC 7636, section 4.1.
bool is_verifier(std::string_view text) {
  constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  return text.size() >= 43 && text.size() <= 128 && text.find_first_not_of(unreserved) == std::string_view::npos;
}

bool proves(const std::optional<std::string>& verifier, const std::optional<std::string>& challenge) {
  // A verifier without a challenge is a challenge that somebody has cut off on its way (RFC 9700, section 4.8.2).
  if (!challenge || !verifier) return !challenge && !verifier;
  return is_verifier(*verifier) && equal_constant_time(crypto::to_base64url(crypto::sha256(*verifier)), *challenge);
}

Result<Secret> issue(const store::Grant& grant, store::TokenKind kind, const Scopes& scopes,
                     const std::optional<Time>& expires_at, const crypto::KeyRing& keys, sql::Transaction& tx) {
  Secret token = crypto::make_token(grant.delegation.organization.uuid(), tx.random());
  TRY(store::OauthGrants(tx).insert_token(grant, {AccessTokenId::create(tx.now(), tx.random()), kind,
                                                  keys.hash_token(token.reveal()), scopes, expires_at}));
  return token;
}

Result<IssuedTokens> issue_both(const store::Grant& grant, const Scopes& scopes, const crypto::KeyRing& keys,
                                sql::Transaction& tx) {
  Time expires_at = tx.now() + access_token_life;
  if (grant.expires_at) expires_at = std::min(expires_at, *grant.expires_at);
  const auto life = std::chrono::floor<std::chrono::seconds>(expires_at - tx.now());
  IssuedTokens issued{TRY(issue(grant, store::TokenKind::access, scopes, expires_at, keys, tx)), {}, scopes, life};
  if (grant.scopes.has(offline_access))
    issued.refresh_token = TRY(issue(grant, store::TokenKind::refresh, grant.scopes, grant.expires_at, keys, tx));
  return issued;
}

// In the audit log once: what is dead already is nothing that anybody could steal.
Result<> end_replayed(store::GrantId id, const store::Delegation& delegation, std::string_view why,
                      sql::Transaction& tx) {
  const bool was_live = TRY(store::OauthGrants(tx).revoke_grant(delegation.organization, id, why));
  if (!was_live) return {};
  return audit({AuditAction::token_replayed, actor_of(delegation), delegation.organization, delegation.client.text(),
                std::string(why)},
               tx);
}

}  // namespace

Result<store::OauthClient> authenticate_client(const ClientCredentials& credentials, const crypto::KeyRing& keys,
                                               sql::Transaction& tx) {
  const auto id = store::OauthClientId::parse(credentials.client_id);
  if (!id) return invalid_client(credentials);
  store::OauthClients clients(tx);
  auto client = TRY(clients.find(*id));
  if (!client) return invalid_client(credentials);
  const bool is_public = client->type == store::ClientType::public_client;
  if (is_public == credentials.secret.has_value()) return invalid_client(credentials);
  if (is_public) return *std::move(client);
  const std::string hash = keys.hash_token(credentials.secret->reveal());
  const auto secrets = TRY(clients.secrets(*id));
  const bool is_known = std::ranges::any_of(
      secrets, [&](const store::ClientSecret& secret) { return equal_constant_time(secret.hash, hash); });
  if (!is_known) return invalid_client(credentials);
  return *std::move(client);
}

Result<TokenReply> redeem_code(const RedeemCode& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const auto client = TRY(authenticate_client(command.client, keys, tx));
  if (command.organization == OrganizationId()) return TokenReply(bad_code());
  store::OauthGrants grants(tx);
  const auto code = TRY(grants.lock_code(command.organization, keys.hash_token(command.code)));
  if (!code || code->delegation.client != client.id) return TokenReply(bad_code());
  if (code->is_used) {
    // Somebody else has it too: what it was exchanged for may be in the wrong hands.
    TRY(end_replayed(code->id, code->delegation, "code_replayed", tx));
    return TokenReply(bad_code());
  }
  if (code->expires_at <= tx.now()) return TokenReply(bad_code());
  if (code->redirect_uri != command.redirect_uri) return TokenReply(bad_redirect_uri());
  if (!proves(command.code_verifier, code->code_challenge))
    return TokenReply(bad_verifier(command.code_verifier, code->code_challenge));
  const auto member = TRY(store::Members(tx).find_member(command.organization, code->delegation.membership));
  if (!member) return TokenReply(bad_code());
  TRY(grants.use_code(command.organization, code->id));
  const Scopes scopes = code->scopes.allowed_to(member->role);
  const auto life = scopes.has(offline_access) ? std::chrono::seconds(grant_life) : access_token_life;
  const store::Grant grant{code->id, code->delegation, scopes, tx.now() + life};
  TRY(grants.insert_grant(grant));
  return TokenReply(TRY(issue_both(grant, scopes, keys, tx)));
}

Result<TokenReply> refresh_tokens(const RefreshTokens& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const auto client = TRY(authenticate_client(command.client, keys, tx));
  if (command.organization == OrganizationId()) return TokenReply(bad_refresh_token());
  store::OauthGrants grants(tx);
  const auto token = TRY(grants.lock_token(command.organization, keys.hash_token(command.refresh_token)));
  const bool is_ours = token && token->kind == store::TokenKind::refresh && token->grant.delegation.client == client.id;
  if (!is_ours || token->is_revoked || token->is_grant_revoked) return TokenReply(bad_refresh_token());
  if (token->is_used) {
    // One of the two who came with it has stolen it, and nobody knows which.
    TRY(end_replayed(token->grant.id, token->grant.delegation, "refresh_token_reused", tx));
    return TokenReply(bad_refresh_token());
  }
  if (token->expires_at && *token->expires_at <= tx.now()) return TokenReply(bad_refresh_token());
  const auto member = TRY(store::Members(tx).find_member(command.organization, token->grant.delegation.membership));
  if (!member) return TokenReply(bad_refresh_token());
  const Scopes too_many = command.scopes.value_or(Scopes()).without(token->grant.scopes);
  if (!too_many.empty())
    return TokenReply(
        TokenRefusal{"invalid_scope", "A refresh token gives no more than was granted: not " + too_many.text() + "."});
  TRY(grants.use_token(command.organization, token->id));
  const Scopes scopes = command.scopes.value_or(token->grant.scopes).allowed_to(member->role);
  return TokenReply(TRY(issue_both(token->grant, scopes, keys, tx)));
}

Result<Revoked> revoke_token(const RevokeToken& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const auto client = TRY(authenticate_client(command.client, keys, tx));
  if (command.organization == OrganizationId()) return Revoked{};
  store::OauthGrants grants(tx);
  const auto token = TRY(grants.lock_token(command.organization, keys.hash_token(command.token)));
  if (!token || token->grant.delegation.client != client.id) return Revoked{};
  if (token->kind == store::TokenKind::refresh)
    TRY(grants.revoke_grant(command.organization, token->grant.id, "revoked_by_client"));
  else
    TRY(grants.revoke_token(command.organization, token->id));
  return Revoked{};
}

Result<Revoked> withdraw_consent(const WithdrawConsent&, const Caller& caller, sql::Transaction& tx) {
  if (!caller.delegation)
    return fail(ErrorCode::forbidden, "forbidden", "An API key is nobody's consent: `paylink keys revoke` ends it.");
  TRY(audit({AuditAction::application_revoked, actor_of(caller), caller.organization, caller.delegation->client.text()},
            tx));
  TRY(revoke_consent(*caller.delegation, "revoked_by_client", tx));
  return Revoked{};
}

}  // namespace paylink::app
