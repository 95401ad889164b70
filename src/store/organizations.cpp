#include "store/organizations.hpp"

#include "base/ensure.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_organization =
    "INSERT INTO organizations (id, slug, name, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view select_organization = "SELECT id, slug, name FROM organizations WHERE id = $1";

constexpr std::string_view select_any = "SELECT 1 FROM organizations LIMIT 1";

constexpr std::string_view insert_bank_account_row = R"sql(
  INSERT INTO bank_accounts (organization_id, id, name, iban, bic, currency, main, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, 1, $7)
)sql";

constexpr std::string_view insert_user_row =
    "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view insert_membership_row =
    "INSERT INTO memberships (organization_id, id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)";

constexpr std::string_view insert_connection_row = R"sql(
  INSERT INTO connections (organization_id, id, provider, mode, status, api_key_sealed, bank_account_id, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";

constexpr std::string_view select_enabled_connection =
    "SELECT organization_id, id, provider, mode, status, api_key_sealed, bank_account_id FROM connections "
    "WHERE organization_id = $1 AND status = 'enabled'";

constexpr std::string_view select_has_enabled_connection =
    "SELECT 1 FROM connections WHERE organization_id = $1 AND status = 'enabled'";

constexpr std::string_view select_connection =
    "SELECT organization_id, id, provider, mode, status, api_key_sealed, bank_account_id FROM connections "
    "WHERE organization_id = $1 AND id = $2";

Connection read_connection(const sql::Rows::Row& row) {
  const auto status = connection_status_names.parse(row.text(4));
  ENSURE(status.has_value());
  return Connection{
      row.id<OrganizationId>(0), row.id<ConnectionId>(1), std::string(row.text(2)), std::string(row.text(3)), *status,
      std::string(row.text(5)),  row.id<BankAccountId>(6)};
}

}  // namespace

Result<> Organizations::insert(const Organization& organization) {
  return tx_.defer(insert_organization, {organization.id, organization.slug, organization.name, tx_.now()});
}

Result<Organization> Organizations::find(OrganizationId id) {
  const sql::Rows rows = TRY(tx_.query(select_organization, {id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such organization.");
  const auto row = rows.front();
  return Organization{row.id<OrganizationId>(0), std::string(row.text(1)), std::string(row.text(2))};
}

Result<bool> Organizations::any() {
  const sql::Rows rows = TRY(tx_.query(select_any, {}));
  return !rows.empty();
}

Result<> Organizations::insert_bank_account(const BankAccount& account) {
  return tx_.defer(insert_bank_account_row, {account.organization, account.id, account.name, account.iban, account.bic,
                                             account.currency, tx_.now()});
}

Result<> Organizations::insert_user(const User& user) {
  return tx_.defer(insert_user_row, {user.id, user.email, user.password_hash, tx_.now()});
}

Result<> Organizations::insert_membership(const Membership& membership) {
  return tx_.defer(insert_membership_row,
                   {membership.organization, membership.id, membership.user, membership.role, tx_.now()});
}

Result<> Organizations::insert_connection(const Connection& connection) {
  return tx_.defer(insert_connection_row, {connection.organization, connection.id, connection.provider, connection.mode,
                                           connection_status_names.name(connection.status),
                                           sql::Blob{connection.api_key_sealed}, connection.bank_account, tx_.now()});
}

Result<std::optional<Connection>> Organizations::enabled_connection(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(select_enabled_connection, {organization}));
  if (rows.empty()) return std::optional<Connection>();
  return std::optional<Connection>(read_connection(rows.front()));
}

Result<bool> Organizations::has_enabled_connection(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(select_has_enabled_connection, {organization}));
  return !rows.empty();
}

Result<Connection> Organizations::find_connection(OrganizationId organization, ConnectionId id) {
  const sql::Rows rows = TRY(tx_.query(select_connection, {organization, id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such connection.");
  return read_connection(rows.front());
}

}  // namespace paylink::store
