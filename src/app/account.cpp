#include "app/account.hpp"

#include "app/audit.hpp"
#include "app/authorize.hpp"

namespace paylink::app {
namespace {

constexpr int own_organizations_max = 100;
constexpr int applications_max = 100;

}  // namespace

Result<AccountView> view_account(const SignedIn& signed_in, sql::Transaction& tx) {
  AccountView view;
  auto memberships = TRY(store::Members(tx).organizations_of(signed_in.user, own_organizations_max));
  for (auto& membership : memberships) {
    auto applications =
        TRY(store::OauthGrants(tx).consents(membership.organization.id, membership.membership, applications_max));
    view.organizations.push_back({std::move(membership), std::move(applications)});
  }
  view.sessions = TRY(list_sessions(signed_in.user, tx));
  return view;
}

Result<> revoke_application(const RevokeApplication& command, sql::Transaction& tx) {
  const auto membership = TRY(store::Members(tx).find(command.organization, command.user));
  if (!membership) return {};
  TRY(audit({AuditAction::application_revoked, actor_of(command.user), command.organization, command.client.text()},
            tx));
  return revoke_consent({command.organization, membership->id, command.client}, "revoked_by_member", tx);
}

}  // namespace paylink::app
