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

#define API_KEYS_NOT_REVOKED                                                                            \
  "SELECT id, name, secret_end, scopes, created_by, created_at, expires_at, last_used_at FROM api_keys" \
  " WHERE organization_id = $1 AND revoked_at IS NULL AND "
#define LIVE "(expires_at IS NULL OR expires_at > $2)"
#define NEWEST_FIRST " ORDER BY id DESC LIMIT $3"

constexpr std::string_view select_live = API_KEYS_NOT_REVOKED LIVE NEWEST_FIRST;
constexpr std::string_view select_expired = API_KEYS_NOT_REVOKED "expires_at <= $2" NEWEST_FIRST;
constexpr std::string_view select_live_by_end = API_KEYS_NOT_REVOKED LIVE " AND secret_end = $4" NEWEST_FIRST;
constexpr std::string_view select_expired_by_end =
    API_KEYS_NOT_REVOKED "expires_at <= $2 AND secret_end = $4" NEWEST_FIRST;
constexpr std::string_view select_one = API_KEYS_NOT_REVOKED "id = $2";

constexpr std::string_view update_revoked = R"sql(
  UPDATE api_keys SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id
)sql";

constexpr std::string_view update_last_use = R"sql(
  UPDATE api_keys SET last_used_at = $3
  WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)
)sql";

void read_keys(const sql::Rows& rows, std::vector<ApiKey>& keys) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    keys.push_back({row.id<ApiKeyId>(0), std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)),
                    std::string(row.text(4)), row.time(5), read_optional_time(row, 6), read_optional_time(row, 7)});
  }
}

#define DELETE_KEYS(ended)                                                                                     \
  "DELETE FROM api_keys WHERE (organization_id, id) IN (SELECT organization_id, id FROM api_keys WHERE " ended \
  " < $1 ORDER BY " ended " LIMIT $2) RETURNING 1"
constexpr std::string_view delete_expired = DELETE_KEYS("expires_at");
constexpr std::string_view delete_revoked = DELETE_KEYS("revoked_at");

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
  std::vector<ApiKey> keys;
  for (const std::string_view statement : {select_live, select_expired}) {
    const auto room = limit - static_cast<int>(keys.size());
    const sql::Rows rows = TRY(tx_.query(statement, {organization, tx_.now(), room}));
    read_keys(rows, keys);
  }
  return keys;
}

Result<std::vector<ApiKey>> ApiKeys::find_by_end(OrganizationId organization, std::string_view secret_end, int limit) {
  std::vector<ApiKey> keys;
  for (const std::string_view statement : {select_live_by_end, select_expired_by_end}) {
    const auto room = limit - static_cast<int>(keys.size());
    const sql::Rows rows = TRY(tx_.query(statement, {organization, tx_.now(), room, secret_end}));
    read_keys(rows, keys);
  }
  return keys;
}

Result<std::optional<ApiKey>> ApiKeys::find(OrganizationId organization, ApiKeyId id) {
  const sql::Rows rows = TRY(tx_.query(select_one, {organization, id}));
  std::vector<ApiKey> keys;
  read_keys(rows, keys);
  if (keys.empty()) return std::optional<ApiKey>();
  return std::optional<ApiKey>(std::move(keys.front()));
}

Result<bool> ApiKeys::revoke(OrganizationId organization, ApiKeyId id) {
  const sql::Rows rows = TRY(tx_.query(update_revoked, {organization, id, tx_.now()}));
  return !rows.empty();
}

Result<int> ApiKeys::purge(Time before, int limit) {
  int purged = 0;
  for (const std::string_view statement : {delete_expired, delete_revoked}) {
    const sql::Rows rows = TRY(tx_.query(statement, {before, limit}));
    purged += static_cast<int>(rows.size());
  }
  return purged;
}

Result<> ApiKeys::record_use(OrganizationId organization, ApiKeyId id, Time used_at) {
  return tx_.defer(update_last_use, {organization, id, used_at});
}

}  // namespace paylink::store
