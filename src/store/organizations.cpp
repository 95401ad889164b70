#include "store/organizations.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_organization =
    "INSERT INTO organizations (id, slug, name, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view select_organization = "SELECT id, slug, name FROM organizations WHERE id = $1";

constexpr std::string_view select_by_slug = "SELECT id, slug, name FROM organizations WHERE slug = $1";

constexpr std::string_view select_by_slugs =
    "SELECT id, slug, name FROM organizations WHERE slug > '' ORDER BY slug LIMIT $1";

constexpr std::string_view select_first = "SELECT id, slug, name FROM organizations LIMIT $1";

constexpr std::string_view select_any = "SELECT 1 FROM organizations LIMIT 1";

constexpr std::string_view insert_bank_account_row = R"sql(
  INSERT INTO bank_accounts (organization_id, id, name, iban, bic, currency, main, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";

constexpr std::string_view count_bank_accounts = "SELECT COUNT(*) FROM bank_accounts WHERE organization_id = $1";

// An organization has a handful of accounts: sorting them needs no index of its own.
constexpr std::string_view select_bank_accounts = R"sql(
  SELECT organization_id, id, name, iban, bic, currency, main FROM bank_accounts
  WHERE organization_id = $1 ORDER BY main DESC, id LIMIT $2 OFFSET $3
)sql";

constexpr std::string_view select_bank_account =
    "SELECT organization_id, id, name, iban, bic, currency, main FROM bank_accounts"
    " WHERE organization_id = $1 AND id = $2";

std::vector<Organization> read_organizations(const sql::Rows& rows) {
  std::vector<Organization> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    found.push_back({rows[i].id<OrganizationId>(0), std::string(rows[i].text(1)), std::string(rows[i].text(2))});
  return found;
}

BankAccount read_bank_account(const sql::Rows::Row& row) {
  return {row.id<OrganizationId>(0),
          row.id<BankAccountId>(1),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          std::string(row.text(5)),
          row.flag(6)};
}

}  // namespace

Result<> Organizations::insert(const Organization& organization) {
  return tx_.defer(insert_organization, {organization.id, organization.slug, organization.name, tx_.now()});
}

Result<std::optional<Organization>> Organizations::find_by_slug(std::string_view slug) {
  const sql::Rows rows = TRY(tx_.query(select_by_slug, {slug}));
  if (rows.empty()) return std::optional<Organization>();
  const auto row = rows.front();
  return std::optional(Organization{row.id<OrganizationId>(0), std::string(row.text(1)), std::string(row.text(2))});
}

Result<std::vector<Organization>> Organizations::list(int limit) {
  return read_organizations(TRY(tx_.query(select_by_slugs, {limit})));
}

Result<std::vector<Organization>> Organizations::first(int limit) {
  return read_organizations(TRY(tx_.query(select_first, {limit})));
}

Result<Organization> Organizations::find(OrganizationId id) {
  const sql::Rows rows = TRY(tx_.query(select_organization, {id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such organization.");
  const auto row = rows.front();
  return Organization{row.id<OrganizationId>(0), std::string(row.text(1)), std::string(row.text(2))};
}

Result<> Organizations::lock(OrganizationId id) {
  const sql::Rows rows = TRY(tx_.lock(select_organization, {id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such organization.");
  return {};
}

Result<bool> Organizations::any() {
  const sql::Rows rows = TRY(tx_.query(select_any, {}));
  return !rows.empty();
}

Result<> Organizations::insert_bank_account(const BankAccount& account) {
  return tx_.defer(insert_bank_account_row, {account.organization, account.id, account.name, account.iban, account.bic,
                                             account.currency, sql::as_flag(account.main), tx_.now()});
}

Result<Listed<BankAccount>> Organizations::bank_accounts(OrganizationId organization, Page page) {
  const sql::Rows counted = TRY(tx_.query(count_bank_accounts, {organization}));
  Listed<BankAccount> listed{{}, counted.front().integer(0), page};
  if (page.offset() >= listed.total) return listed;
  const sql::Rows rows = TRY(tx_.query(select_bank_accounts, {organization, page.size, page.offset()}));
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_bank_account(rows[i]));
  return listed;
}

Result<BankAccount> Organizations::find_bank_account(OrganizationId organization, BankAccountId id) {
  const sql::Rows rows = TRY(tx_.query(select_bank_account, {organization, id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such bank account.");
  return read_bank_account(rows.front());
}

}  // namespace paylink::store
