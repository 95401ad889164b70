#include "store/events.hpp"

#include "base/log.hpp"
#include "base/utf8.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_outbox =
    "INSERT INTO outbox_events (organization_id, id, type, payload, created_at) VALUES ($1, $2, $3, $4, $5)";

constexpr std::string_view insert_alert = R"sql(
  INSERT INTO provider_alerts (organization_id, attempt_id, kind, detail, created_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, attempt_id, kind) DO NOTHING
)sql";

constexpr std::string_view insert_connection_alert = R"sql(
  INSERT INTO connection_alerts (organization_id, connection_id, kind, detail, created_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, connection_id, kind) DO NOTHING
)sql";

constexpr std::string_view delete_outbox = R"sql(
  DELETE FROM outbox_events WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM outbox_events WHERE created_at < $1 ORDER BY created_at LIMIT $2)
  RETURNING 1
)sql";

}  // namespace

Result<> Events::add_outbox(OrganizationId organization, std::string_view type, std::string_view payload) {
  return tx_.defer(insert_outbox, {organization, Uuid::v7(tx_.now(), tx_.random()), type, payload, tx_.now()});
}

Result<> Events::add_alert(OrganizationId organization, AttemptId attempt, std::string_view kind,
                           std::string_view detail) {
  const std::string text = as_text(detail);
  LOG(error, "provider_alert", {"kind", kind}, {"attempt", attempt.text()}, {"detail", text});
  return tx_.defer(insert_alert, {organization, attempt, kind, text, tx_.now()});
}

Result<> Events::add_alert(OrganizationId organization, ConnectionId connection, std::string_view kind,
                           std::string_view detail) {
  const std::string text = as_text(detail);
  LOG(error, "connection_alert", {"kind", kind}, {"connection", connection.text()}, {"detail", text});
  return tx_.defer(insert_connection_alert, {organization, connection, kind, text, tx_.now()});
}

Result<int> Events::purge_outbox(Time before, int limit) {
  const sql::Rows rows = TRY(tx_.query(delete_outbox, {before, limit}));
  return static_cast<int>(rows.size());
}

}  // namespace paylink::store
