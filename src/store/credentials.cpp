#include "store/credentials.hpp"

#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_api_key = R"sql(
  SELECT k.id, o.slug, k.scopes, k.expires_at
  FROM api_keys k JOIN organizations o ON o.id = k.organization_id
  WHERE k.organization_id = $1 AND k.secret_hash = $2 AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > $3)
)sql";

constexpr std::string_view select_access_token = R"sql(
  SELECT t.client_id, o.slug, t.scopes, t.expires_at, t.membership_id, m.role
  FROM oauth_tokens t
    JOIN organizations o ON o.id = t.organization_id
    JOIN oauth_grants g ON g.organization_id = t.organization_id AND g.id = t.grant_id
    JOIN memberships m ON m.organization_id = t.organization_id AND m.id = t.membership_id
    JOIN oauth_clients c ON c.id = t.client_id
  WHERE t.organization_id = $1 AND t.token_hash = $2 AND t.kind = 'access' AND t.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > $3) AND g.revoked_at IS NULL AND m.ended_at IS NULL
    AND c.deleted_at IS NULL
)sql";

// A client acting for a member is a principal of its own, stable over the renewal of its tokens.
Uuid combine(const Uuid& client, const Uuid& membership) {
  auto bytes = client.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ membership.bytes()[i]);
  return Uuid(bytes);
}

Credential read_credential(const sql::Rows::Row& row) {
  return {row.uuid(0), std::string(row.text(1)), std::string(row.text(2)), read_optional_time(row, 3), {}, {}};
}

}  // namespace

Result<std::optional<Credential>> Credentials::find_api_key(OrganizationId organization, std::string_view secret_hash) {
  const sql::Rows rows = TRY(tx_.query(select_api_key, {organization, sql::Blob{secret_hash}, tx_.now()}));
  if (rows.empty()) return std::optional<Credential>();
  return std::optional<Credential>(read_credential(rows.front()));
}

Result<std::optional<Credential>> Credentials::find_access_token(OrganizationId organization,
                                                                 std::string_view token_hash) {
  const sql::Rows rows = TRY(tx_.query(select_access_token, {organization, sql::Blob{token_hash}, tx_.now()}));
  if (rows.empty()) return std::optional<Credential>();
  const auto row = rows.front();
  Credential credential = read_credential(row);
  credential.delegation = {organization, row.id<MembershipId>(4), row.id<OauthClientId>(0)};
  credential.role = role_names.parse(row.text(5));
  credential.principal = combine(row.uuid(0), row.uuid(4));
  return std::optional<Credential>(std::move(credential));
}

}  // namespace paylink::store
