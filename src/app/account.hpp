#pragma once

#include <vector>

#include "app/sessions.hpp"
#include "store/members.hpp"
#include "store/oauth_grants.hpp"

namespace paylink::app {

// What somebody who is signed in sees of himself.
struct AccountView {
  struct OrganizationView {
    store::UserOrganization membership;
    std::vector<store::Consent> applications;  // that act for him there
  };
  std::vector<OrganizationView> organizations;
  std::vector<store::Session> sessions;
};

// At most a hundred organizations, and a hundred applications of each. Looks at several organizations: it runs as
// everybody's.
Result<AccountView> view_account(const SignedIn& signed_in, sql::Transaction& tx);

// An application of one of his organizations.
struct RevokeApplication {
  UserId user;
  OrganizationId organization;
  store::OauthClientId client;
};

// Nothing of what was issued to it for him is good any more, and next time it has to ask again. What is not there is
// revoked already.
Result<> revoke_application(const RevokeApplication& command, sql::Transaction& tx);

}  // namespace paylink::app
