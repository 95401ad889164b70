#include "store/idempotency_keys.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_answer =
    "SELECT fingerprint, status, body, created_at FROM idempotency_keys WHERE organization_id = $1 AND key_hash = $2";

constexpr std::string_view insert_answer = R"sql(
  INSERT INTO idempotency_keys (organization_id, key_hash, fingerprint, status, body, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (organization_id, key_hash) DO UPDATE
  SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
      created_at = excluded.created_at
)sql";

constexpr std::string_view delete_old = R"sql(
  DELETE FROM idempotency_keys WHERE (organization_id, key_hash) IN (
    SELECT organization_id, key_hash FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2)
  RETURNING 1
)sql";

}  // namespace

Result<std::optional<StoredAnswer>> IdempotencyKeys::find(OrganizationId organization, std::string_view key_hash) {
  const sql::Rows rows = TRY(tx_.query(select_answer, {organization, sql::Blob{key_hash}}));
  if (rows.empty()) return std::optional<StoredAnswer>();
  const auto row = rows.front();
  return std::optional<StoredAnswer>(
      StoredAnswer{std::string(row.text(0)), static_cast<int>(row.integer(1)), std::string(row.text(2)), row.time(3)});
}

Result<> IdempotencyKeys::put(OrganizationId organization, std::string_view key_hash, const StoredAnswer& answer) {
  return tx_.defer(insert_answer, {organization, sql::Blob{key_hash}, sql::Blob{answer.fingerprint}, answer.status,
                                   answer.body, answer.created_at});
}

Result<int> IdempotencyKeys::purge(Time before, int limit) {
  const sql::Rows rows = TRY(tx_.query(delete_old, {before, limit}));
  return static_cast<int>(rows.size());
}

}  // namespace paylink::store
