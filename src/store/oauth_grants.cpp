#include "store/oauth_grants.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_code_row = R"sql(
  INSERT INTO oauth_codes (organization_id, id, code_hash, client_id, membership_id, scopes, redirect_uri,
                           code_challenge, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
)sql";

constexpr std::string_view select_code = R"sql(
  SELECT id, client_id, membership_id, scopes, redirect_uri, code_challenge, expires_at, used_at FROM oauth_codes
  WHERE organization_id = $1 AND code_hash = $2
)sql";

constexpr std::string_view update_code = "UPDATE oauth_codes SET used_at = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view insert_grant_row = R"sql(
  INSERT INTO oauth_grants (organization_id, id, client_id, membership_id, scopes, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";

constexpr std::string_view insert_token_row = R"sql(
  INSERT INTO oauth_tokens (organization_id, id, kind, token_hash, grant_id, client_id, membership_id, scopes,
                            created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
)sql";

constexpr std::string_view select_token = R"sql(
  SELECT id, kind, grant_id, client_id, membership_id, scopes, expires_at, used_at, revoked_at FROM oauth_tokens
  WHERE organization_id = $1 AND token_hash = $2
)sql";

constexpr std::string_view select_grant =
    "SELECT scopes, expires_at, revoked_at FROM oauth_grants WHERE organization_id = $1 AND id = $2";

constexpr std::string_view update_used_token =
    "UPDATE oauth_tokens SET used_at = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view update_revoked_token =
    "UPDATE oauth_tokens SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";

constexpr std::string_view update_revoked_grant = R"sql(
  UPDATE oauth_grants SET revoked_at = $3, revoked_for = $4
  WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING 1
)sql";

constexpr std::string_view update_revoked_grants = R"sql(
  UPDATE oauth_grants SET revoked_at = $4, revoked_for = $5
  WHERE organization_id = $1 AND membership_id = $2 AND client_id = $3 AND revoked_at IS NULL
)sql";

constexpr std::string_view update_grants_of_member = R"sql(
  UPDATE oauth_grants SET revoked_at = $3, revoked_for = $4
  WHERE organization_id = $1 AND membership_id = $2 AND revoked_at IS NULL
)sql";

// Taken for used, whatever the clock of whoever redeems one at this moment says.
constexpr std::string_view update_ended_codes = R"sql(
  UPDATE oauth_codes SET used_at = $4
  WHERE organization_id = $1 AND membership_id = $2 AND client_id = $3 AND used_at IS NULL
)sql";

constexpr std::string_view update_codes_of_member = R"sql(
  UPDATE oauth_codes SET used_at = $3 WHERE organization_id = $1 AND membership_id = $2 AND used_at IS NULL
)sql";

constexpr std::string_view select_consent = R"sql(
  SELECT scopes FROM oauth_consents WHERE organization_id = $1 AND membership_id = $2 AND client_id = $3
)sql";

constexpr std::string_view upsert_consent = R"sql(
  INSERT INTO oauth_consents (organization_id, membership_id, client_id, scopes, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $5)
  ON CONFLICT (organization_id, membership_id, client_id)
    DO UPDATE SET scopes = excluded.scopes, updated_at = excluded.updated_at
)sql";

constexpr std::string_view select_consents = R"sql(
  SELECT c.id, c.name, n.scopes, n.created_at, n.updated_at
  FROM oauth_consents n JOIN oauth_clients c ON c.id = n.client_id
  WHERE n.organization_id = $1 AND n.membership_id = $2 AND c.deleted_at IS NULL ORDER BY c.name, c.id LIMIT $3
)sql";

constexpr std::string_view delete_consent = R"sql(
  DELETE FROM oauth_consents WHERE organization_id = $1 AND membership_id = $2 AND client_id = $3
)sql";

constexpr std::string_view delete_consents_of_member =
    "DELETE FROM oauth_consents WHERE organization_id = $1 AND membership_id = $2";

constexpr std::string_view purge_codes = R"sql(
  DELETE FROM oauth_codes WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM oauth_codes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING 1
)sql";

constexpr std::string_view purge_tokens = R"sql(
  DELETE FROM oauth_tokens WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM oauth_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING 1
)sql";

constexpr std::string_view purge_grants = R"sql(
  DELETE FROM oauth_grants WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM oauth_grants WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING 1
)sql";

// What was stored is of the known ones.
Scopes read_scopes(const sql::Rows::Row& row, std::size_t column) {
  auto scopes = Scopes::parse(row.text(column));
  ENSURE(scopes.has_value());
  return *std::move(scopes);
}

std::optional<Scopes> first_consent(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_scopes(rows.front(), 0);
}

}  // namespace

Result<> OauthGrants::insert_code(const AuthorizationCode& code, std::string_view hash) {
  const Delegation& who = code.delegation;
  return tx_.defer(insert_code_row,
                   {who.organization, code.id, sql::Blob{hash}, who.client, who.membership, code.scopes.text(),
                    code.redirect_uri, code.code_challenge, tx_.now(), code.expires_at});
}

Result<std::optional<AuthorizationCode>> OauthGrants::lock_code(OrganizationId organization, std::string_view hash) {
  const sql::Rows rows = TRY(tx_.lock(select_code, {organization, sql::Blob{hash}}));
  if (rows.empty()) return std::optional<AuthorizationCode>();
  const auto row = rows.front();
  AuthorizationCode code{.id = row.id<GrantId>(0),
                         .delegation = {organization, row.id<MembershipId>(2), row.id<OauthClientId>(1)},
                         .scopes = read_scopes(row, 3),
                         .redirect_uri = std::string(row.text(4)),
                         .code_challenge = {},
                         .expires_at = row.time(6),
                         .is_used = !row.is_null(7)};
  if (!row.is_null(5)) code.code_challenge = row.text(5);
  return std::optional(std::move(code));
}

Result<> OauthGrants::use_code(OrganizationId organization, GrantId id) {
  return tx_.defer(update_code, {organization, id, tx_.now()});
}

Result<> OauthGrants::end_codes(const Delegation& who) {
  return tx_.defer(update_ended_codes, {who.organization, who.membership, who.client, tx_.now()});
}

Result<> OauthGrants::end_codes_of_member(OrganizationId organization, MembershipId membership) {
  return tx_.defer(update_codes_of_member, {organization, membership, tx_.now()});
}

Result<> OauthGrants::insert_grant(const Grant& grant) {
  const Delegation& who = grant.delegation;
  return tx_.defer(insert_grant_row, {who.organization, grant.id, who.client, who.membership, grant.scopes.text(),
                                      tx_.now(), grant.expires_at});
}

Result<> OauthGrants::insert_token(const Grant& grant, const NewToken& token) {
  const Delegation& who = grant.delegation;
  return tx_.defer(insert_token_row,
                   {who.organization, token.id, token_kind_names.name(token.kind), sql::Blob{token.hash}, grant.id,
                    who.client, who.membership, token.scopes.text(), tx_.now(), token.expires_at});
}

Result<std::optional<Token>> OauthGrants::lock_token(OrganizationId organization, std::string_view hash) {
  const sql::Rows rows = TRY(tx_.lock(select_token, {organization, sql::Blob{hash}}));
  if (rows.empty()) return std::optional<Token>();
  const auto row = rows.front();
  const auto kind = token_kind_names.parse(row.text(1));
  ENSURE(kind.has_value());
  const auto id = row.id<GrantId>(2);
  // The grant too: what is decided about one of its tokens is decided about all.
  const sql::Rows grants = TRY(tx_.lock(select_grant, {organization, id}));
  if (grants.empty()) return std::optional<Token>();
  const auto grant = grants.front();
  return std::optional(Token{.id = row.id<AccessTokenId>(0),
                             .kind = *kind,
                             .scopes = read_scopes(row, 5),
                             .expires_at = read_optional_time(row, 6),
                             .is_used = !row.is_null(7),
                             .is_revoked = !row.is_null(8),
                             .grant = {id,
                                       {organization, row.id<MembershipId>(4), row.id<OauthClientId>(3)},
                                       read_scopes(grant, 0),
                                       read_optional_time(grant, 1)},
                             .is_grant_revoked = !grant.is_null(2)});
}

Result<> OauthGrants::use_token(OrganizationId organization, AccessTokenId id) {
  return tx_.defer(update_used_token, {organization, id, tx_.now()});
}

Result<> OauthGrants::revoke_token(OrganizationId organization, AccessTokenId id) {
  return tx_.defer(update_revoked_token, {organization, id, tx_.now()});
}

Result<bool> OauthGrants::revoke_grant(OrganizationId organization, GrantId id, std::string_view why) {
  const sql::Rows rows = TRY(tx_.query(update_revoked_grant, {organization, id, tx_.now(), why}));
  return !rows.empty();
}

Result<> OauthGrants::revoke_grants(const Delegation& who, std::string_view why) {
  return tx_.defer(update_revoked_grants, {who.organization, who.membership, who.client, tx_.now(), why});
}

Result<> OauthGrants::revoke_grants_of_member(OrganizationId organization, MembershipId membership,
                                              std::string_view why) {
  return tx_.defer(update_grants_of_member, {organization, membership, tx_.now(), why});
}

Result<std::optional<Scopes>> OauthGrants::find_consent(const Delegation& who) {
  return first_consent(TRY(tx_.query(select_consent, {who.organization, who.membership, who.client})));
}

Result<std::optional<Scopes>> OauthGrants::lock_consent(const Delegation& who) {
  return first_consent(TRY(tx_.lock(select_consent, {who.organization, who.membership, who.client})));
}

Result<> OauthGrants::put_consent(const Delegation& who, const Scopes& scopes) {
  return tx_.defer(upsert_consent, {who.organization, who.membership, who.client, scopes.text(), tx_.now()});
}

Result<std::vector<Consent>> OauthGrants::consents(OrganizationId organization, MembershipId membership, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_consents, {organization, membership, limit}));
  std::vector<Consent> consents;
  for (std::size_t i = 0; i < rows.size(); ++i)
    consents.push_back({rows[i].id<OauthClientId>(0), std::string(rows[i].text(1)), read_scopes(rows[i], 2),
                        rows[i].time(3), rows[i].time(4)});
  return consents;
}

Result<> OauthGrants::erase_consent(const Delegation& who) {
  return tx_.defer(delete_consent, {who.organization, who.membership, who.client});
}

Result<> OauthGrants::erase_consents_of_member(OrganizationId organization, MembershipId membership) {
  return tx_.defer(delete_consents_of_member, {organization, membership});
}

Result<int> OauthGrants::purge(Time before, int limit) {
  const sql::Rows codes = TRY(tx_.query(purge_codes, {before, limit}));
  const sql::Rows tokens = TRY(tx_.query(purge_tokens, {before, limit}));
  const sql::Rows grants = TRY(tx_.query(purge_grants, {before, limit}));
  return static_cast<int>(codes.size() + tokens.size() + grants.size());
}

}  // namespace paylink::store
