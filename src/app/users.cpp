#include "app/users.hpp"

#include "app/audit.hpp"
#include "app/named_organization.hpp"
#include "domain/email.hpp"
#include "store/oauth_grants.hpp"
#include "store/organizations.hpp"
#include "store/sessions.hpp"

namespace paylink::app {
namespace {

constexpr int listed_users_max = 1000;
constexpr int all_of_them = 1'000'000;
constexpr std::string_view member_removed = "member_removed";  // why permissions ended

struct Found {
  Organization organization;
  store::Membership membership;
  std::string email;
};

// Nobody else changes who belongs to the organization before the transaction ends: else two owners could leave at once.
Result<Found> find_locked(std::string_view slug, std::string_view email, sql::Transaction& tx) {
  auto organization = TRY(find_named_organization(slug, tx));
  TRY(store::Organizations(tx).lock(organization.id));
  store::Members members(tx);
  const auto user = TRY(members.find_user_by_email(normal_email(email)));
  std::optional<store::Membership> membership;
  if (user) membership = TRY(members.find(organization.id, user->id));
  if (!membership)
    return fail(ErrorCode::not_found, "no_member",
                "`" + std::string(email) + "` does not belong to `" + organization.slug + "`. `paylink users list` " +
                    "shows who does.");
  return Found{std::move(organization), *membership, user->email};
}

Result<> leave_an_owner(const Found& found, sql::Transaction& tx) {
  if (found.membership.role != Role::owner) return {};
  if (TRY(store::Members(tx).count_owners(found.organization.id)) > 1) return {};
  return fail(ErrorCode::conflict, "last_owner",
              "`" + found.email + "` is the only owner of `" + found.organization.slug +
                  "`. Make somebody else an owner first (`paylink users set-role`).");
}

Member member_of(const Found& found, Role role) {
  return {found.organization.id, found.membership.id, found.email, role};
}

Result<> note(AuditAction action, const std::string& by, const Member& member, UserId user, sql::Transaction& tx) {
  return audit({action, by, member.organization, user.text(), std::string(role_names.name(member.role))}, tx);
}

// Everything that the member has allowed applications, now or before.
Result<> end_permissions(OrganizationId organization, MembershipId membership, std::string_view why,
                         sql::Transaction& tx) {
  store::OauthGrants grants(tx);
  TRY(grants.end_codes_of_member(organization, membership));
  TRY(grants.revoke_grants_of_member(organization, membership, why));
  return grants.erase_consents_of_member(organization, membership);
}

// In every organization; each finds in its audit log which they were.
Result<> revoke_applications(UserId user, const std::string& by, sql::Transaction& tx) {
  const auto memberships = TRY(store::Members(tx).organizations_of(user, all_of_them));
  for (const auto& as : memberships) {
    const OrganizationId organization = as.organization.id;
    const auto consents = TRY(store::OauthGrants(tx).consents(organization, as.membership, all_of_them));
    for (const auto& consent : consents)
      TRY(audit({AuditAction::application_revoked, by, organization, consent.client.text(), "password_reset"}, tx));
    TRY(end_permissions(organization, as.membership, "password_reset", tx));
  }
  return {};
}

}  // namespace

Result<AddedMember> add_member(const AddMember& command, sql::Transaction& tx) {
  const std::string email = normal_email(command.email);
  if (!is_email(email)) return fail(ErrorCode::invalid_input, "bad_email", "`" + email + "` is no e-mail address.");
  auto organization = TRY(find_named_organization(command.organization, tx));
  TRY(store::Organizations(tx).lock(organization.id));
  store::Members members(tx);
  const auto known = TRY(members.find_user_by_email(email));
  const UserId user = known ? known->id : UserId::create(tx.now(), tx.random());
  if (known && TRY(members.find(organization.id, user)))
    return fail(
        ErrorCode::conflict, "already_member",
        "`" + email + "` belongs to `" + organization.slug + "` already. `paylink users set-role` changes the role.");
  if (!known) TRY(members.insert_user({user, email, command.password_hash}));
  TRY(members.insert({organization.id, MembershipId::create(tx.now(), tx.random()), user, command.role}));
  // Of somebody who was a member before it is the membership of then.
  const auto membership = TRY(members.find(organization.id, user));
  ENSURE(membership.has_value());
  // Whoever comes back is asked anew, even by an application that was being allowed in while he left.
  if (known) TRY(end_permissions(organization.id, membership->id, member_removed, tx));
  const Member member{organization.id, membership->id, email, command.role};
  TRY(note(AuditAction::member_added, command.by, member, user, tx));
  return AddedMember{std::move(organization), member, user, known ? Person::known : Person::made};
}

Result<std::vector<Member>> list_members(std::string_view organization, sql::Transaction& tx) {
  const Organization found = TRY(find_named_organization(organization, tx));
  return store::Members(tx).list(found.id, listed_users_max);
}

Result<ChangedMember> set_member_role(std::string_view organization, std::string_view email, Role role,
                                      const std::string& by, sql::Transaction& tx) {
  Found found = TRY(find_locked(organization, email, tx));
  if (role != Role::owner) TRY(leave_an_owner(found, tx));
  TRY(store::Members(tx).set_role(found.organization.id, found.membership.id, role));
  const Member member = member_of(found, role);
  TRY(note(AuditAction::member_role_set, by, member, found.membership.user, tx));
  return ChangedMember{std::move(found.organization), member};
}

Result<ChangedMember> remove_member(std::string_view organization, std::string_view email, const std::string& by,
                                    sql::Transaction& tx) {
  Found found = TRY(find_locked(organization, email, tx));
  TRY(leave_an_owner(found, tx));
  const OrganizationId id = found.organization.id;
  TRY(store::Members(tx).end(id, found.membership.id));
  TRY(end_permissions(id, found.membership.id, member_removed, tx));
  const Member member = member_of(found, found.membership.role);
  TRY(note(AuditAction::member_removed, by, member, found.membership.user, tx));
  return ChangedMember{std::move(found.organization), member};
}

Result<store::User> reset_password(const ResetPassword& command, sql::Transaction& tx) {
  store::Members members(tx);
  auto user = TRY(members.find_user_by_email(normal_email(command.email)));
  if (!user) return fail(ErrorCode::not_found, "no_person", "Nobody here has the address `" + command.email + "`.");
  TRY(members.set_password_hash(user->id, command.password_hash));
  TRY(store::Sessions(tx).end_all(user->id));
  TRY(audit({AuditAction::password_reset, command.by, {}, user->id.text()}, tx));
  if (command.applications == Applications::revoked) TRY(revoke_applications(user->id, command.by, tx));
  return *std::move(user);
}

}  // namespace paylink::app
