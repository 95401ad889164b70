#include "store/audit_log.hpp"

#include <charconv>

#include "crypto/encoding.hpp"
#include "store/settings.hpp"

namespace paylink::store {
namespace {

constexpr std::size_t mac_size = 32;
const Uuid first_id{};  // before all: so that both engines take the index of those that are not bound
constexpr std::string_view head_setting = "audit_head";

#define AUDIT_COLUMNS "id, occurred_at, about_organization, actor, action, object, detail, number, mac"

constexpr std::string_view insert_event = R"sql(
  INSERT INTO audit_events (id, occurred_at, about_organization, actor, action, object, detail)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
)sql";

constexpr std::string_view select_unbound =
    "SELECT " AUDIT_COLUMNS " FROM audit_events WHERE number IS NULL AND id > $1 ORDER BY id LIMIT $2";

constexpr std::string_view count_unbound_events = "SELECT COUNT(*) FROM audit_events WHERE number IS NULL AND id > $1";

constexpr std::string_view update_bound = "UPDATE audit_events SET number = $2, mac = $3 WHERE id = $1";

constexpr std::string_view select_after =
    "SELECT " AUDIT_COLUMNS " FROM audit_events WHERE number > $1 ORDER BY number LIMIT $2";

constexpr std::string_view select_newest =
    "SELECT " AUDIT_COLUMNS " FROM audit_events WHERE id < $1 ORDER BY id DESC LIMIT $2";

constexpr std::string_view select_newest_of_organization = "SELECT " AUDIT_COLUMNS R"sql(
  FROM audit_events WHERE about_organization = $1 AND id < $2 ORDER BY id DESC LIMIT $3
)sql";

std::vector<AuditEvent> read_events(const sql::Rows& rows) {
  std::vector<AuditEvent> events;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    AuditEvent event{row.uuid(0),
                     row.time(1),
                     {},
                     std::string(row.text(3)),
                     std::string(row.text(4)),
                     std::string(row.text(5)),
                     std::string(row.text(6))};
    if (!row.is_null(2)) event.organization = row.id<OrganizationId>(2);
    if (!row.is_null(7)) event.number = row.integer(7);
    if (!row.is_null(8)) event.mac = row.text(8);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

std::string write_audit_head(const AuditHead& head) {
  return std::to_string(head.number) + ":" + crypto::to_hex(head.mac);
}

std::optional<AuditHead> parse_audit_head(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  AuditHead head;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, head.number);
  auto mac = crypto::from_hex(text.substr(colon + 1));
  if (error != std::errc() || end != text.data() + colon || !mac || head.number < 0) return std::nullopt;
  if (mac->size() != (head.number == 0 ? 0 : mac_size)) return std::nullopt;
  head.mac = *std::move(mac);
  return head;
}

Result<> AuditLog::insert(const AuditEvent& event) {
  return tx_.defer(insert_event,
                   {event.id, event.at, event.organization, event.actor, event.action, event.object, event.detail});
}

Result<AuditHead> AuditLog::head() {
  const auto text = TRY(Settings(tx_).find(head_setting));
  if (!text) return AuditHead{};
  auto head = parse_audit_head(*text);
  if (!head) return fail(ErrorCode::internal, "audit_head", "The audit log's head cannot be read: " + *text);
  return *std::move(head);
}

Result<> AuditLog::put_head(const AuditHead& head) { return Settings(tx_).put(head_setting, write_audit_head(head)); }

Result<std::vector<AuditEvent>> AuditLog::unbound(int limit) {
  const sql::Rows rows = TRY(tx_.query(select_unbound, {first_id, limit}));
  return read_events(rows);
}

Result<std::int64_t> AuditLog::count_unbound() {
  const sql::Rows rows = TRY(tx_.query(count_unbound_events, {first_id}));
  return rows.front().integer(0);
}

Result<> AuditLog::bind(const AuditEvent& event) {
  return tx_.defer(update_bound, {event.id, event.number, sql::Blob{event.mac}});
}

Result<std::vector<AuditEvent>> AuditLog::after(std::int64_t number, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_after, {number, limit}));
  return read_events(rows);
}

Result<std::vector<AuditEvent>> AuditLog::newest(const std::optional<OrganizationId>& organization, const Uuid& before,
                                                 int limit) {
  const sql::Rows rows = TRY(organization ? tx_.query(select_newest_of_organization, {*organization, before, limit})
                                          : tx_.query(select_newest, {before, limit}));
  return read_events(rows);
}

}  // namespace paylink::store
