#include "store/api_keys.hpp"

#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_row = R"sql(
  INSERT INTO api_keys (organization_id, id, name, secret_hash, secret_end, scopes, created_by, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)sql";

constexpr std::string_view count_live_rows = R"sql(
  SELECT COUNT(*) FROM api_keys
  WHERE organization_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
)sql";

constexpr std::string_view select_not_revoked = R"sql(
  SELECT id, name, secret_end, scopes, created_by, created_at, expires_at, last_used_at FROM api_keys
  WHERE organization_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $2
)sql";

constexpr std::string_view update_revoked = R"sql(
  UPDATE api_keys SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id
)sql";

constexpr std::string_view update_last_use = R"sql(
  UPDATE api_keys SET last_used_at = $3
  WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)
)sql";

}  // namespace

Result<> ApiKeys::insert(const NewApiKey& key) {
  return tx_.defer(insert_row, {key.organization, key.id, key.name, sql::Blob{key.secret_hash}, key.secret_end,
                                key.scopes, key.created_by, tx_.now(), key.expires_at});
}

Result<std::int64_t> ApiKeys::count_live(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(count_live_rows, {organization, tx_.now()}));
  return rows.front().integer(0);
}

Result<std::vector<ApiKey>> ApiKeys::list(OrganizationId organization, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_not_revoked, {organization, limit}));
  std::vector<ApiKey> keys;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    keys.push_back({row.id<ApiKeyId>(0), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)),
                    std::string(row.text(4)), row.time(5), read_optional_time(row, 6), read_optional_time(row, 7)});
  }
  return keys;
}

Result<bool> ApiKeys::revoke(OrganizationId organization, ApiKeyId id) {
  const sql::Rows rows = TRY(tx_.query(update_revoked, {organization, id, tx_.now()}));
  return !rows.empty();
}

Result<> ApiKeys::record_use(OrganizationId organization, ApiKeyId id, Time used_at) {
  return tx_.defer(update_last_use, {organization, id, used_at});
}

}  // namespace paylink::store
