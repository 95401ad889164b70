#include "app/view_organization.hpp"

#include "store/organizations.hpp"

namespace paylink::app {

Result<OrganizationView> view_organization(const ViewOrganization& command, const Caller& caller,
                                           sql::Transaction& tx) {
  store::Organizations organizations(tx);
  auto organization = TRY(organizations.find(caller.organization));
  auto accounts = TRY(organizations.bank_accounts(caller.organization, command.accounts));
  return OrganizationView{std::move(organization), std::move(accounts)};
}

Result<Member> view_membership(const ViewMembership&, const Caller& caller, sql::Transaction& tx) {
  return store::Organizations(tx).owner(caller.organization);
}

}  // namespace paylink::app
