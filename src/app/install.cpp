#include "app/install.hpp"

#include "app/audit.hpp"
#include "app/organizations.hpp"
#include "domain/email.hpp"
#include "store/api_keys.hpp"
#include "store/connections.hpp"
#include "store/members.hpp"
#include "store/oauth_grants.hpp"
#include "store/organizations.hpp"

namespace paylink::app {

std::string all_scopes() {
  std::string names;
  for (const auto& row : scope_names.rows) {
    if (!names.empty()) names += ' ';
    names += row.second;
  }
  return names;
}

std::string connection_seal(OrganizationId organization, ConnectionId connection) {
  return "connections|" + organization.text() + "|" + connection.text() + "|api_key";
}

Result<bool> has_organization(sql::Transaction& tx) { return store::Organizations(tx).any(); }

Result<> install(const Installation& installation, const crypto::KeyRing& keys, sql::Transaction& tx) {
  if (TRY(store::Organizations(tx).any()))
    return fail(ErrorCode::conflict, "already_exists", "There is an organization already.");
  TRY(insert_organization(installation.organization,
                          {installation.organization.id, installation.bank_account, "Main account", installation.iban,
                           installation.bic, installation.currency},
                          tx));
  store::Members members(tx);
  TRY(members.insert_user({installation.user, normal_email(installation.email), installation.password_hash}));
  TRY(members.insert({installation.organization.id, installation.membership, installation.user, Role::owner}));
  TRY(audit({AuditAction::organization_created, "paylink", installation.organization.id,
             installation.organization.id.text(), installation.organization.slug},
            tx));
  TRY(audit({AuditAction::member_added, "paylink", installation.organization.id, installation.user.text(), "owner"},
            tx));
  TRY(audit({AuditAction::api_key_created, "paylink", installation.organization.id, installation.api_key.text(),
             all_scopes()},
            tx));
  const std::string_view secret = installation.api_secret.reveal();
  return store::ApiKeys(tx).insert({installation.organization.id, installation.api_key, "first key",
                                    keys.hash_token(secret), std::string(secret.substr(secret.size() - 4)),
                                    all_scopes(), "paylink", std::nullopt});
}

Result<> install_sandbox_access(const Installation& installation, const SandboxAccess& access,
                                const crypto::KeyRing& keys, sql::Transaction& tx) {
  const OrganizationId organization = installation.organization.id;
  const store::OauthClientId client(access.client_id);
  const Scopes scopes = *Scopes::parse(all_scopes() + " " + std::string(offline_access));
  // A client of the original's asks for what it needs elsewhere, too.
  Scopes registered;
  for (const auto scope : known_scopes()) registered.add(scope);
  store::OauthClients clients(tx);
  TRY(clients.insert(
      {client, access.client_name, store::ClientType::confidential, registered, access.redirect_uris, "paylink"}));
  const std::string_view secret = access.client_secret.reveal();
  TRY(clients.insert_secret(
      client, {access.client_id, keys.hash_token(secret), std::string(secret.substr(secret.size() - 4)), {}}));
  // Two grants: that somebody comes with an old refresh token does not end the access token that does not expire.
  store::OauthGrants grants(tx);
  const auto issue = [&](AccessTokenId id, store::TokenKind kind, const Secret& token) -> Result<> {
    const store::Grant grant{store::GrantId(id.uuid()), {organization, installation.membership, client}, scopes, {}};
    TRY(grants.insert_grant(grant));
    return grants.insert_token(grant, {id, kind, keys.hash_token(token.reveal()), scopes, {}});
  };
  TRY(issue(access.access_token_id, store::TokenKind::access, access.access_token));
  TRY(issue(access.refresh_token_id, store::TokenKind::refresh, access.refresh_token));
  if (!access.provider_key) return {};
  const std::string sealed =
      keys.seal(*access.provider_key, connection_seal(organization, access.connection), tx.random());
  return store::Connections(tx).insert({organization, access.connection, "mollie", "test", ConnectionStatus::enabled,
                                        sealed, installation.bank_account});
}

}  // namespace paylink::app
