#include "store/connections.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

#define CONNECTION_COLUMNS                                                                                      \
  "organization_id, id, provider, mode, status, api_key_sealed, bank_account_id, callback_url, phone_number, "  \
  "business_description, website_url, profile_id, profile_name, revision, proposed_key_sealed, proposed_mode, " \
  "proposed_profile_id, proposed_profile_name, proposed_at, proposed_grant_id, grant_id, account_name"

constexpr std::string_view insert_connection =
    "INSERT INTO connections (organization_id, id, provider, mode, status, api_key_sealed, bank_account_id, "
    "callback_url, phone_number, business_description, website_url, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

constexpr std::string_view update_connection = R"sql(
  UPDATE connections SET status = $3, api_key_sealed = $4, mode = $5, profile_id = $6, profile_name = $7, revision = $8,
    proposed_key_sealed = $9, proposed_mode = $10, proposed_profile_id = $11, proposed_profile_name = $12,
    proposed_at = $13, proposed_grant_id = $14, grant_id = $15, account_name = $16
  WHERE organization_id = $1 AND id = $2
)sql";

constexpr std::string_view select_connection =
    "SELECT " CONNECTION_COLUMNS " FROM connections WHERE organization_id = $1 AND id = $2";

// The one that lives, of which there is one at most; ids grow with time only as long as no clock is put back.
constexpr std::string_view select_alive =
    "SELECT " CONNECTION_COLUMNS " FROM connections WHERE organization_id = $1 AND status IN ('pending', 'enabled')";

constexpr std::string_view select_latest =
    "SELECT " CONNECTION_COLUMNS " FROM connections WHERE organization_id = $1 ORDER BY id DESC LIMIT 1";

// The first condition is that of the index.
constexpr std::string_view select_enabled =
    "SELECT " CONNECTION_COLUMNS
    " FROM connections WHERE organization_id = $1 AND status IN ('pending', 'enabled') AND status = 'enabled'";

constexpr std::string_view select_has_enabled =
    "SELECT 1 FROM connections WHERE organization_id = $1 AND status IN ('pending', 'enabled') AND status = 'enabled'";

constexpr std::string_view delete_proposals = R"sql(
  UPDATE connections SET proposed_key_sealed = NULL, proposed_mode = NULL, proposed_profile_id = NULL,
    proposed_profile_name = NULL, proposed_at = NULL, proposed_grant_id = NULL
  WHERE (organization_id, id) IN (
    SELECT organization_id, id FROM connections WHERE proposed_at < $1 ORDER BY proposed_at LIMIT $2)
    AND proposed_at < $1
  RETURNING 1
)sql";

constexpr std::string_view select_look = "SELECT " CONNECTION_COLUMNS R"sql(, chargebacks_seen
  FROM connections WHERE chargebacks_due_at <= $1 ORDER BY chargebacks_due_at LIMIT 1
)sql";

constexpr std::string_view update_look =
    "UPDATE connections SET chargebacks_due_at = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_far_looks =
    "SELECT organization_id, id FROM connections WHERE chargebacks_due_at > $1 AND chargebacks_due_at < $2 LIMIT $3";

constexpr std::string_view update_seen =
    "UPDATE connections SET chargebacks_seen = $3 WHERE organization_id = $1 AND id = $2";

std::optional<std::string> read_optional_text(const sql::Rows::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string(row.text(column));
}

std::optional<ProviderGrantId> read_optional_grant(const sql::Rows::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return row.id<ProviderGrantId>(column);
}

std::optional<ProposedKey> read_proposed(const sql::Rows::Row& row, std::size_t column) {
  const auto at = read_optional_time(row, column + 4);
  if (!at) return std::nullopt;
  return ProposedKey{std::string(row.text(column)),
                     std::string(row.text(column + 1)),
                     std::string(row.text(column + 2)),
                     std::string(row.text(column + 3)),
                     *at,
                     read_optional_grant(row, column + 5)};
}

Connection read_connection(const sql::Rows::Row& row) {
  const auto status = connection_status_names.parse(row.text(4));
  ENSURE(status.has_value());
  return Connection{row.id<OrganizationId>(0),
                    row.id<ConnectionId>(1),
                    std::string(row.text(2)),
                    std::string(row.text(3)),
                    *status,
                    std::string(row.text(5)),
                    row.id<BankAccountId>(6),
                    std::string(row.text(7)),
                    std::string(row.text(8)),
                    read_optional_text(row, 9),
                    read_optional_text(row, 10),
                    std::string(row.text(11)),
                    std::string(row.text(12)),
                    row.integer(13),
                    read_proposed(row, 14),
                    read_optional_grant(row, 20),
                    std::string(row.text(21))};
}

std::optional<Connection> first_connection_of(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_connection(rows.front());
}

}  // namespace

Result<> Connections::insert(const Connection& connection) {
  // Waited for: whether there is another one is for the caller to tell.
  TRY(tx_.query(insert_connection,
                {connection.organization, connection.id, connection.provider, connection.mode,
                 connection_status_names.name(connection.status), sql::Blob{connection.api_key_sealed},
                 connection.bank_account, connection.callback_url, connection.phone_number,
                 connection.business_description, connection.website_url, tx_.now()}));
  return {};
}

Result<> Connections::update(const Connection& connection) {
  const auto proposed = [&connection](std::string ProposedKey::* member) {
    return connection.proposed ? sql::Value((*connection.proposed).*member) : sql::Value(sql::Null());
  };
  sql::Value sealed = sql::Null(), at = sql::Null(), grant = sql::Null();
  if (connection.proposed) {
    sealed = sql::Blob{connection.proposed->api_key_sealed};
    at = connection.proposed->at;
    grant = connection.proposed->grant;
  }
  return tx_.defer(
      update_connection,
      {connection.organization, connection.id, connection_status_names.name(connection.status),
       sql::Blob{connection.api_key_sealed}, connection.mode, connection.profile_id, connection.profile_name,
       connection.revision, sealed, proposed(&ProposedKey::mode), proposed(&ProposedKey::profile_id),
       proposed(&ProposedKey::profile_name), at, grant, connection.grant, connection.account_name});
}

Result<Connection> Connections::find(OrganizationId organization, ConnectionId id) {
  const sql::Rows rows = TRY(tx_.query(select_connection, {organization, id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such connection.");
  return read_connection(rows.front());
}

Result<Connection> Connections::find_for_update(OrganizationId organization, ConnectionId id) {
  const sql::Rows rows = TRY(tx_.lock(select_connection, {organization, id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such connection.");
  return read_connection(rows.front());
}

Result<std::optional<Connection>> Connections::latest(OrganizationId organization) {
  const sql::Rows alive = TRY(tx_.query(select_alive, {organization}));
  if (!alive.empty()) return first_connection_of(alive);
  const sql::Rows rows = TRY(tx_.query(select_latest, {organization}));
  return first_connection_of(rows);
}

Result<std::optional<Connection>> Connections::enabled(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(select_enabled, {organization}));
  return first_connection_of(rows);
}

Result<bool> Connections::has_enabled(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(select_has_enabled, {organization}));
  return !rows.empty();
}

Result<int> Connections::purge_proposals(Time before, int limit) {
  return static_cast<int>(TRY(tx_.query(delete_proposals, {before, limit})).size());
}

Result<std::optional<ChargebackLook>> Connections::claim_chargeback_look(Time next) {
  const sql::Rows rows = TRY(tx_.claim(select_look, {tx_.now()}));
  if (rows.empty()) return std::optional<ChargebackLook>();
  ChargebackLook look{read_connection(rows.front()), std::string(rows.front().text(22))};
  TRY(tx_.defer(update_look, {look.connection.organization, look.connection.id, next}));
  return std::optional(std::move(look));
}

Result<int> Connections::bring_chargeback_looks_forward(Time latest, Time to, int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_far_looks, {latest, Time::max(), limit}));
  for (std::size_t i = 0; i < rows.size(); ++i) TRY(tx_.defer(update_look, {rows[i].uuid(0), rows[i].uuid(1), to}));
  return static_cast<int>(rows.size());
}

Result<> Connections::end_chargeback_looks(OrganizationId organization, ConnectionId id) {
  return tx_.defer(update_look, {organization, id, Time::max()});
}

Result<> Connections::record_chargebacks_seen(OrganizationId organization, ConnectionId id, std::string_view seen) {
  return tx_.defer(update_seen, {organization, id, seen});
}

}  // namespace paylink::store
