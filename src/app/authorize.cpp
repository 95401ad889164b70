#include "app/authorize.hpp"

#include <algorithm>

#include "app/audit.hpp"
#include "crypto/token.hpp"

namespace paylink::app {
namespace {

constexpr int organizations_max = 200;  // of one person

// A refresh token alone is of no use to anybody.
bool is_worth_nothing(const Scopes& scopes) {
  return scopes.empty() || (scopes.names().size() == 1 && scopes.has(offline_access));
}

Result<> remember_consent(UserId user, const store::Delegation& delegation, Scopes consented, const Scopes& added,
                          sql::Transaction& tx) {
  for (const auto name : added.names()) consented.add(name);
  TRY(store::OauthGrants(tx).put_consent(delegation, consented));
  return audit({AuditAction::application_allowed, actor_of(user), delegation.organization, delegation.client.text(),
                added.text()},
               tx);
}

}  // namespace

Result<AuthorizationStep> next_step(const AuthorizationRequest& request, UserId user, sql::Transaction& tx) {
  auto organizations = TRY(store::Members(tx).organizations_of(user, organizations_max));
  if (request.organization)
    std::erase_if(organizations,
                  [&](const store::UserOrganization& one) { return one.organization.id != *request.organization; });
  if (organizations.empty()) return AuthorizationStep(NoOrganization{});
  if (organizations.size() > 1) return AuthorizationStep(ChooseOrganization{std::move(organizations)});
  const auto& as = organizations.front();
  const Scopes scopes = request.scopes.allowed_to(as.role);
  if (is_worth_nothing(scopes)) return AuthorizationStep(NotAllowed{as});
  const store::Delegation delegation{as.organization.id, as.membership, request.client.id};
  const auto consented = TRY(store::OauthGrants(tx).find_consent(delegation));
  // Anybody can say that he is a public client: only the person tells whether it is the one he means (RFC 8252,
  // section 8.6).
  const bool can_be_remembered = request.client.type == store::ClientType::confidential;
  if (can_be_remembered && consented && consented->includes(scopes)) return AuthorizationStep(Remembered{as, scopes});
  return AuthorizationStep(AskConsent{as, scopes, request.scopes.without(scopes), consented.has_value()});
}

Result<Secret> approve(const Approve& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const AuthorizationRequest& request = command.request;
  const OrganizationId organization = *request.organization;
  const auto member = TRY(store::Members(tx).find(organization, command.user));
  const Scopes scopes = member ? request.scopes.allowed_to(member->role) : Scopes();
  if (is_worth_nothing(scopes))
    return fail(ErrorCode::forbidden, "access_denied", "You may not allow this for the organization any more.");
  const store::Delegation delegation{organization, member->id, request.client.id};
  store::OauthGrants grants(tx);
  // Whoever withdraws it at this moment does so before, and there is no code, or after, and the code ends with it.
  const Scopes consented = TRY(grants.lock_consent(delegation)).value_or(Scopes());
  if (command.asked == Asked::before && !consented.includes(scopes))
    return fail(ErrorCode::conflict, "consent_withdrawn", "What was allowed before was just withdrawn.");
  if (command.asked == Asked::now) TRY(remember_consent(command.user, delegation, consented, scopes, tx));
  Secret code = crypto::make_token(organization.uuid(), tx.random());
  TRY(grants.insert_code({store::GrantId::create(tx.now(), tx.random()), delegation, scopes, request.redirect_uri,
                          request.code_challenge, tx.now() + command.code_life},
                         keys.hash_token(code.reveal())));
  return code;
}

Result<> revoke_consent(const store::Delegation& delegation, std::string_view why, sql::Transaction& tx) {
  store::OauthGrants grants(tx);
  TRY(grants.erase_consent(delegation));
  TRY(grants.end_codes(delegation));
  return grants.revoke_grants(delegation, why);
}

}  // namespace paylink::app
