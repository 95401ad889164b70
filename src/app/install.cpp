#include "app/install.hpp"

#include "store/api_keys.hpp"
#include "store/connections.hpp"
#include "store/credentials.hpp"
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
  store::Organizations organizations(tx);
  if (TRY(organizations.any())) return fail(ErrorCode::conflict, "already_exists", "There is an organization already.");
  TRY(organizations.insert(installation.organization));
  TRY(organizations.insert_bank_account({installation.organization.id, installation.bank_account, "Main account",
                                         installation.iban, installation.bic, installation.currency}));
  TRY(organizations.insert_user({installation.user, installation.email, installation.password_hash}));
  TRY(organizations.insert_membership(
      {installation.organization.id, installation.membership, installation.user, "owner"}));
  const std::string_view secret = installation.api_secret.reveal();
  return store::ApiKeys(tx).insert({installation.organization.id, installation.api_key, "first key",
                                    keys.hash_token(secret), std::string(secret.substr(secret.size() - 4)),
                                    all_scopes(), "paylink", std::nullopt});
}

Result<> install_sandbox_access(const Installation& installation, const SandboxAccess& access,
                                const crypto::KeyRing& keys, sql::Transaction& tx) {
  const OrganizationId organization = installation.organization.id;
  store::Credentials credentials(tx);
  const store::OauthClientId client(access.client_id);
  TRY(credentials.insert_oauth_client(
      {client, access.client_name, keys.hash_token(access.client_secret.reveal()), access.redirect_uri}));
  TRY(credentials.insert_token({organization, access.access_token_id, store::TokenKind::access,
                                keys.hash_token(access.access_token.reveal()), client, installation.membership,
                                all_scopes(), std::nullopt}));
  TRY(credentials.insert_token({organization, access.refresh_token_id, store::TokenKind::refresh,
                                keys.hash_token(access.refresh_token.reveal()), client, installation.membership,
                                all_scopes() + " offline_access", std::nullopt}));
  if (!access.provider_key) return {};
  const std::string sealed =
      keys.seal(*access.provider_key, connection_seal(organization, access.connection), tx.random());
  return store::Connections(tx).insert({organization, access.connection, "mollie", "test", ConnectionStatus::enabled,
                                        sealed, installation.bank_account});
}

}  // namespace paylink::app
