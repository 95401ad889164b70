#include "store/provider_grants.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

#define GRANT_COLUMNS                                                                                                \
  "organization_id, id, connection_id, state, user_id, revision, account_name, is_account_complete, profiles, "      \
  "access_token_sealed, refresh_token_sealed, tokens, issued_at, lease_until, tries, created_at, state_at, due_at, " \
  "client_id"

constexpr std::string_view insert_grant =
    "INSERT INTO provider_grants (organization_id, id, connection_id, state, user_id, revision, created_at, state_at, "
    "due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

constexpr std::string_view update_grant = R"sql(
  UPDATE provider_grants SET state = $3, account_name = $4, is_account_complete = $5, profiles = $6,
    access_token_sealed = $7, refresh_token_sealed = $8, tokens = $9, issued_at = $10, lease_until = $11, tries = $12,
    state_at = $13, due_at = $14, client_id = $15
  WHERE organization_id = $1 AND id = $2
)sql";

constexpr std::string_view delete_grant = "DELETE FROM provider_grants WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_provider_grant =
    "SELECT " GRANT_COLUMNS " FROM provider_grants WHERE organization_id = $1 AND id = $2";

// Ids grow with time.
constexpr std::string_view select_latest_grant =
    "SELECT " GRANT_COLUMNS
    " FROM provider_grants WHERE organization_id = $1 AND connection_id = $2 AND state = $3 ORDER BY id DESC LIMIT 1";

constexpr std::string_view end_of_connection = R"sql(
  UPDATE provider_grants SET state = 'ended', state_at = $3, due_at = $3, tries = 0
  WHERE organization_id = $1 AND connection_id = $2 AND state IN ('given', 'waiting', 'used')
)sql";

// One that is being exchanged is known by its row when its tokens come, and ends then.
constexpr std::string_view delete_asked =
    "DELETE FROM provider_grants WHERE organization_id = $1 AND connection_id = $2 AND state = 'asked'";

constexpr std::string_view select_due_grant =
    "SELECT " GRANT_COLUMNS " FROM provider_grants WHERE due_at <= $1 ORDER BY due_at LIMIT 1";

constexpr std::string_view lease_grant =
    "UPDATE provider_grants SET due_at = $3 WHERE organization_id = $1 AND id = $2";

// Of the others the time is that at which they end, or follows from how long a token lives.
constexpr std::string_view select_far_grants = R"sql(
  SELECT organization_id, id FROM provider_grants WHERE due_at > $1 AND state IN ('waiting', 'ended') LIMIT $2
)sql";

constexpr std::string_view delete_leases =
    "UPDATE provider_grants SET lease_until = NULL WHERE lease_until IS NOT NULL";

// Both by the few rows whose time is to come, whatever else an organization has: no planner can begin with all payments
// of the connection.
constexpr std::string_view select_unsettled = R"sql(
  SELECT 1 FROM attempts WHERE organization_id = $1 AND connection_id = $2 AND due_at IS NOT NULL LIMIT 1
)sql";

constexpr std::string_view select_unsettled_refund = R"sql(
  SELECT 1 FROM refunds r WHERE r.organization_id = $1 AND r.due_at IS NOT NULL
    AND (SELECT connection_id FROM attempts WHERE organization_id = $1 AND id = r.attempt_id) = $2
  LIMIT 1
)sql";

std::string read_bytes(const sql::Rows::Row& row, std::size_t column) {
  return row.is_null(column) ? std::string() : std::string(row.text(column));
}

ProviderGrant read_grant(const sql::Rows::Row& row) {
  const auto state = provider_grant_state_names.parse(row.text(3));
  ENSURE(state.has_value());
  return ProviderGrant{.organization = row.id<OrganizationId>(0),
                       .id = row.id<ProviderGrantId>(1),
                       .connection = row.id<ConnectionId>(2),
                       .state = *state,
                       .user = row.id<UserId>(4),
                       .revision = row.integer(5),
                       .created_at = row.time(15),
                       .state_at = row.time(16),
                       .due_at = read_optional_time(row, 17),
                       .account_name = std::string(row.text(6)),
                       .is_account_complete = row.flag(7),
                       .profiles = std::string(row.text(8)),
                       .access_token_sealed = read_bytes(row, 9),
                       .refresh_token_sealed = read_bytes(row, 10),
                       .client_id = std::string(row.text(18)),
                       .tokens = row.integer(11),
                       .issued_at = read_optional_time(row, 12),
                       .lease_until = read_optional_time(row, 13),
                       .tries = static_cast<int>(row.integer(14))};
}

Result<ProviderGrant> only_grant(const sql::Rows& rows) {
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such authorization.");
  return read_grant(rows.front());
}

std::optional<ProviderGrant> first_grant_of(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_grant(rows.front());
}

sql::Value blob_or_null(const std::string& bytes) {
  return bytes.empty() ? sql::Value(sql::Null()) : sql::Value(sql::Blob{bytes});
}

}  // namespace

Result<> ProviderGrants::insert(const ProviderGrant& grant) {
  return tx_.defer(insert_grant,
                   {grant.organization, grant.id, grant.connection, provider_grant_state_names.name(grant.state),
                    grant.user, grant.revision, grant.created_at, grant.state_at, grant.due_at});
}

Result<> ProviderGrants::update(const ProviderGrant& grant) {
  return tx_.defer(update_grant,
                   {grant.organization, grant.id, provider_grant_state_names.name(grant.state), grant.account_name,
                    sql::as_flag(grant.is_account_complete), grant.profiles, blob_or_null(grant.access_token_sealed),
                    blob_or_null(grant.refresh_token_sealed), grant.tokens, grant.issued_at, grant.lease_until,
                    grant.tries, grant.state_at, grant.due_at, grant.client_id});
}

Result<> ProviderGrants::remove(OrganizationId organization, ProviderGrantId id) {
  return tx_.defer(delete_grant, {organization, id});
}

Result<ProviderGrant> ProviderGrants::find(OrganizationId organization, ProviderGrantId id) {
  const sql::Rows rows = TRY(tx_.query(select_provider_grant, {organization, id}));
  return only_grant(rows);
}

Result<ProviderGrant> ProviderGrants::find_for_update(OrganizationId organization, ProviderGrantId id) {
  const sql::Rows rows = TRY(tx_.lock(select_provider_grant, {organization, id}));
  return only_grant(rows);
}

Result<std::optional<ProviderGrant>> ProviderGrants::latest(OrganizationId organization, ConnectionId connection,
                                                            ProviderGrantState state) {
  const sql::Rows rows =
      TRY(tx_.query(select_latest_grant, {organization, connection, provider_grant_state_names.name(state)}));
  return first_grant_of(rows);
}

Result<> ProviderGrants::end_all(OrganizationId organization, ConnectionId connection) {
  TRY(forget_asked(organization, connection));
  return tx_.defer(end_of_connection, {organization, connection, tx_.now()});
}

Result<> ProviderGrants::forget_asked(OrganizationId organization, ConnectionId connection) {
  return tx_.defer(delete_asked, {organization, connection});
}

Result<std::optional<ProviderGrant>> ProviderGrants::claim_due(std::chrono::microseconds lease) {
  const sql::Rows rows = TRY(tx_.claim(select_due_grant, {tx_.now()}));
  auto grant = first_grant_of(rows);
  if (grant) TRY(tx_.defer(lease_grant, {grant->organization, grant->id, tx_.now() + lease}));
  return grant;
}

Result<int> ProviderGrants::bring_forward(Time latest, Time to, int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_far_grants, {latest, limit}));
  for (std::size_t i = 0; i < rows.size(); ++i) TRY(tx_.defer(lease_grant, {rows[i].uuid(0), rows[i].uuid(1), to}));
  return static_cast<int>(rows.size());
}

Result<> ProviderGrants::end_leases() { return tx_.defer(delete_leases, {}); }

Result<bool> ProviderGrants::is_needed(OrganizationId organization, ConnectionId connection) {
  const sql::Rows attempts = TRY(tx_.query(select_unsettled, {organization, connection}));
  if (!attempts.empty()) return true;
  const sql::Rows refunds = TRY(tx_.query(select_unsettled_refund, {organization, connection}));
  return !refunds.empty();
}

}  // namespace paylink::store
