#include "store/credentials.hpp"

#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_client_row =
    "INSERT INTO oauth_clients (id, name, secret_hash, redirect_uri, created_at) VALUES ($1, $2, $3, $4, $5)";

constexpr std::string_view insert_token_row = R"sql(
  INSERT INTO oauth_tokens (organization_id, id, kind, token_hash, client_id, membership_id, scopes, created_at,
                            expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)sql";

constexpr std::string_view select_api_key = R"sql(
  SELECT k.id, o.slug, k.scopes, k.expires_at
  FROM api_keys k JOIN organizations o ON o.id = k.organization_id
  WHERE k.organization_id = $1 AND k.secret_hash = $2 AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > $3)
)sql";

constexpr std::string_view select_access_token = R"sql(
  SELECT t.client_id, o.slug, t.scopes, t.expires_at, t.membership_id
  FROM oauth_tokens t JOIN organizations o ON o.id = t.organization_id
  WHERE t.organization_id = $1 AND t.token_hash = $2 AND t.kind = 'access' AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $3)
)sql";

// A client acting for a member is a principal of its own, stable over the renewal of its tokens.
Uuid combine(const Uuid& client, const Uuid& membership) {
  auto bytes = client.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ membership.bytes()[i]);
  return Uuid(bytes);
}

Credential read_credential(const sql::Rows::Row& row) {
  return {row.uuid(0), std::string(row.text(1)), std::string(row.text(2)), read_optional_time(row, 3)};
}

}  // namespace

Result<> Credentials::insert_oauth_client(const OauthClient& client) {
  return tx_.defer(insert_client_row,
                   {client.id, client.name, sql::Blob{client.secret_hash}, client.redirect_uri, tx_.now()});
}

Result<> Credentials::insert_token(const NewToken& token) {
  return tx_.defer(insert_token_row,
                   {token.organization, token.id, token_kind_names.name(token.kind), sql::Blob{token.hash},
                    token.client, token.membership, token.scopes, tx_.now(), token.expires_at});
}

Result<std::optional<Credential>> Credentials::find_api_key(OrganizationId organization, std::string_view secret_hash) {
  const sql::Rows rows = TRY(tx_.query(select_api_key, {organization, sql::Blob{secret_hash}, tx_.now()}));
  if (rows.empty()) return std::optional<Credential>();
  return std::optional<Credential>(read_credential(rows.front()));
}

Result<std::optional<Credential>> Credentials::find_access_token(OrganizationId organization,
                                                                 std::string_view token_hash) {
  const sql::Rows rows = TRY(tx_.query(select_access_token, {organization, sql::Blob{token_hash}, tx_.now()}));
  if (rows.empty()) return std::optional<Credential>();
  Credential credential = read_credential(rows.front());
  credential.principal = combine(credential.principal, rows.front().uuid(4));
  return std::optional<Credential>(std::move(credential));
}

}  // namespace paylink::store
