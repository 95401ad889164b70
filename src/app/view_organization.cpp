#include "app/view_organization.hpp"

#include "store/members.hpp"
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
  store::Members members(tx);
  if (!caller.delegation) return members.owner(caller.organization);
  auto member = TRY(members.find_member(caller.organization, caller.delegation->membership));
  if (!member) return fail(ErrorCode::not_found, "not_found", "There is no such membership.");
  return *std::move(member);
}

}  // namespace paylink::app
