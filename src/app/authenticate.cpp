#include "app/authenticate.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/ensure.hpp"
#include "crypto/token.hpp"
#include "store/credentials.hpp"

namespace paylink::app {
namespace {

constexpr std::string_view bearer = "bearer";

Failure not_believed(CredentialKind kind) {
  if (kind == CredentialKind::access_token)
    return fail(ErrorCode::unauthenticated, "authorization_token_invalid", "authorization token invalid");
  return fail(ErrorCode::unauthenticated, "unauthorized", "Invalid credentials");
}

// Whose token is an API key: it is the same in every case, but for what is done about it.
Failure key_as_token() {
  return fail(ErrorCode::unauthenticated, "authorization_token_invalid",
              "authorization token invalid: an API key goes without Bearer, as login:secret_key");
}

Result<Presented> present(CredentialKind kind, std::string_view login, std::string_view secret,
                          const crypto::KeyRing& keys) {
  const auto organization = crypto::token_organization(secret);
  if (!organization) return not_believed(kind);
  return Presented{kind, OrganizationId(*organization), std::string(login), keys.hash_token(secret)};
}

}  // namespace

Result<Presented> read_authorization(std::optional<std::string_view> field, std::size_t fields,
                                     const crypto::KeyRing& keys) {
  if (fields == 0)
    return fail(ErrorCode::unauthenticated, "authorization_header_missing", "authorization header missing");
  if (!field) return not_believed(CredentialKind::api_key);
  const std::size_t space = field->find(' ');
  if (space != std::string_view::npos && equal_ignoring_case(field->substr(0, space), bearer)) {
    std::string_view token = field->substr(space + 1);
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    if (token.find(':') != std::string_view::npos) return key_as_token();
    return present(CredentialKind::access_token, {}, token, keys);
  }
  const std::size_t colon = field->find(':');
  if (colon == std::string_view::npos) return not_believed(CredentialKind::api_key);
  return present(CredentialKind::api_key, field->substr(0, colon), field->substr(colon + 1), keys);
}

Result<Identity> find_identity(const Presented& presented, sql::Transaction& tx) {
  store::Credentials credentials(tx);
  const auto found = TRY(presented.kind == CredentialKind::api_key
                             ? credentials.find_api_key(presented.organization, presented.hash)
                             : credentials.find_access_token(presented.organization, presented.hash));
  if (!found && presented.kind == CredentialKind::access_token &&
      TRY(credentials.find_api_key(presented.organization, presented.hash)))
    return key_as_token();
  if (!found) return not_believed(presented.kind);
  if (presented.kind == CredentialKind::api_key && presented.login != found->login) return not_believed(presented.kind);
  Caller caller{presented.organization, found->principal, ScopeSet::parse(found->scopes), found->delegation};
  // Never more than the member may do himself, whatever he was when he allowed it.
  if (found->role) {
    const auto granted = Scopes::parse(found->scopes);
    ENSURE(granted.has_value());
    caller.role = found->role;
    caller.withheld = caller.scopes;
    caller.scopes = ScopeSet::parse(granted->allowed_to(*found->role).text());
  }
  return Identity{presented.kind, caller, found->expires_at};
}

Result<Caller> confirm(const Identity& identity, Time now) {
  if (identity.expires_at && *identity.expires_at <= now) return not_believed(identity.kind);
  return identity.caller;
}

Result<> require_scope(const Caller& caller, Scope scope) {
  if (caller.scopes.has(scope)) return {};
  // Clients of the contract know nothing of our narrower scope: they are told the one that it is part of.
  if (scope == Scope::payment_link_create) scope = Scope::payment_link_write;
  const std::string name(scope_names.name(scope));
  std::string message = "missing required oauth scope: " + name;
  if (caller.role && caller.withheld.has(scope))
    message += "; it was allowed, and is not for a member whose role is " + std::string(role_names.name(*caller.role));
  Failure refusal = fail(ErrorCode::forbidden, "forbidden", std::move(message));
  refusal.error().scope = name;
  return refusal;
}

}  // namespace paylink::app
