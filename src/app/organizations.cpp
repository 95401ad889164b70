#include "app/organizations.hpp"

#include "app/audit.hpp"
#include "base/utf8.hpp"
#include "domain/bank_account_number.hpp"
#include "domain/money.hpp"
#include "store/organizations.hpp"

namespace paylink::app {
namespace {

constexpr int listed_organizations_max = 1000;

Failure bad_argument(std::string message) { return fail(ErrorCode::invalid_input, "bad_argument", std::move(message)); }

bool is_slug(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

}  // namespace

Result<OrganizationWords> check_organization(OrganizationWords words) {
  if (!is_slug(words.slug))
    return bad_argument("--slug must be 1 to 64 of a-z, 0-9 and -: it is the login of the API key.");
  if (words.name.empty() || words.name.size() > 255 || !is_line(words.name))
    return bad_argument(
        "--name must be the merchant's name as payers will read it: one line of UTF-8, 255 bytes at most.");
  const auto iban = parse_iban(words.iban);
  if (!iban)
    return bad_argument(
        "--iban is no IBAN: it must be a country, two check digits and the account, and the digits must fit.");
  const auto bic = parse_bic(words.bic);
  if (!bic) return bad_argument("--bic is no BIC: it has 8 or 11 letters and digits, such as TRZOFR21XXX.");
  if (!Currency::parse(words.currency)) return bad_argument("--currency must be an ISO 4217 code such as EUR.");
  words.iban = *iban;
  words.bic = *bic;
  return words;
}

Result<> insert_organization(const Organization& organization, const BankAccount& account, sql::Transaction& tx) {
  store::Organizations organizations(tx);
  TRY(organizations.insert(organization));
  return organizations.insert_bank_account(account);
}

Result<CreatedOrganization> create_organization(const CreateOrganization& command, sql::Transaction& tx) {
  const OrganizationWords told = TRY(check_organization(command.words));
  if (TRY(store::Organizations(tx).find_by_slug(told.slug)))
    return fail(ErrorCode::conflict, "slug_taken", "There is an organization `" + told.slug + "` already.");
  const Organization organization{OrganizationId::create(tx.now(), tx.random()), told.slug, told.name};
  const auto account = BankAccountId::create(tx.now(), tx.random());
  TRY(insert_organization(organization, {organization.id, account, "Main account", told.iban, told.bic, told.currency},
                          tx));
  TRY(audit({AuditAction::organization_created, command.by, organization.id, organization.id.text(), told.slug}, tx));
  auto owner =
      TRY(add_member({told.slug, command.owner_email, Role::owner, command.owner_password_hash, command.by}, tx));
  return CreatedOrganization{organization, account, std::move(owner)};
}

Result<std::vector<Organization>> list_organizations(sql::Transaction& tx) {
  return store::Organizations(tx).list(listed_organizations_max);
}

}  // namespace paylink::app
