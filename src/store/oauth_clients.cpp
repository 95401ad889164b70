#include "store/oauth_clients.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_client =
    "INSERT INTO oauth_clients (id, name, kind, scopes, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)";

constexpr std::string_view insert_uri = "INSERT INTO oauth_redirect_uris (client_id, uri) VALUES ($1, $2)";

constexpr std::string_view select_client =
    "SELECT id, name, kind, scopes, created_by, created_at FROM oauth_clients WHERE id = $1 AND deleted_at IS NULL";

constexpr std::string_view select_clients = R"sql(
  SELECT id, name, kind, scopes, created_by, created_at FROM oauth_clients
  WHERE id < $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2
)sql";

constexpr std::string_view select_uris = "SELECT uri FROM oauth_redirect_uris WHERE client_id = $1 ORDER BY uri";

constexpr std::string_view update_name = "UPDATE oauth_clients SET name = $2 WHERE id = $1";

constexpr std::string_view delete_uris = "DELETE FROM oauth_redirect_uris WHERE client_id = $1";

constexpr std::string_view delete_client = "UPDATE oauth_clients SET deleted_at = $2 WHERE id = $1";

constexpr std::string_view insert_secret_row = R"sql(
  INSERT INTO oauth_client_secrets (client_id, id, secret_hash, secret_end, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)
)sql";

constexpr std::string_view select_secrets = R"sql(
  SELECT id, secret_hash, secret_end, expires_at FROM oauth_client_secrets
  WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY id DESC
)sql";

constexpr std::string_view expire_secret_rows = R"sql(
  UPDATE oauth_client_secrets SET expires_at = $2 WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2)
)sql";

const Uuid after_every_id = *Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff");

OauthClient read_client(const sql::Rows::Row& row) {
  const auto type = client_type_names.parse(row.text(2));
  auto scopes = Scopes::parse(row.text(3));
  ENSURE(type && scopes);
  return {row.id<OauthClientId>(0),
          std::string(row.text(1)),
          *type,
          *std::move(scopes),
          {},
          std::string(row.text(4)),
          row.time(5)};
}

}  // namespace

Result<> OauthClients::insert(const OauthClient& client) {
  TRY(tx_.defer(insert_client, {client.id, client.name, client_type_names.name(client.type), client.scopes.text(),
                                client.created_by, tx_.now()}));
  for (const auto& uri : client.redirect_uris) TRY(tx_.defer(insert_uri, {client.id, uri}));
  return {};
}

Result<std::optional<OauthClient>> OauthClients::find(OauthClientId id) {
  const sql::Rows rows = TRY(tx_.query(select_client, {id}));
  if (rows.empty()) return std::optional<OauthClient>();
  OauthClient client = read_client(rows.front());
  const sql::Rows uris = TRY(tx_.query(select_uris, {id}));
  for (std::size_t i = 0; i < uris.size(); ++i) client.redirect_uris.emplace_back(uris[i].text(0));
  return std::optional(std::move(client));
}

Result<> OauthClients::lock(OauthClientId id) {
  const sql::Rows rows = TRY(tx_.lock(select_client, {id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such application.");
  return {};
}

Result<> OauthClients::update(const OauthClient& client) {
  TRY(tx_.defer(update_name, {client.id, client.name}));
  TRY(tx_.defer(delete_uris, {client.id}));
  for (const auto& uri : client.redirect_uris) TRY(tx_.defer(insert_uri, {client.id, uri}));
  return {};
}

Result<std::vector<OauthClient>> OauthClients::list(int limit) {
  const sql::Rows rows = TRY(tx_.query(select_clients, {after_every_id, limit}));
  std::vector<OauthClient> clients;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    clients.push_back(read_client(rows[i]));
    const sql::Rows uris = TRY(tx_.query(select_uris, {clients.back().id}));
    for (std::size_t j = 0; j < uris.size(); ++j) clients.back().redirect_uris.emplace_back(uris[j].text(0));
  }
  return clients;
}

Result<> OauthClients::erase(OauthClientId id) { return tx_.defer(delete_client, {id, tx_.now()}); }

Result<> OauthClients::insert_secret(OauthClientId client, const ClientSecret& secret) {
  return tx_.defer(insert_secret_row,
                   {client, secret.id, sql::Blob{secret.hash}, secret.end, tx_.now(), secret.expires_at});
}

Result<std::vector<ClientSecret>> OauthClients::secrets(OauthClientId client) {
  const sql::Rows rows = TRY(tx_.query(select_secrets, {client, tx_.now()}));
  std::vector<ClientSecret> secrets;
  for (std::size_t i = 0; i < rows.size(); ++i)
    secrets.push_back(
        {rows[i].uuid(0), std::string(rows[i].text(1)), std::string(rows[i].text(2)), read_optional_time(rows[i], 3)});
  return secrets;
}

Result<> OauthClients::expire_secrets(OauthClientId client, Time at) {
  return tx_.defer(expire_secret_rows, {client, at});
}

}  // namespace paylink::store
