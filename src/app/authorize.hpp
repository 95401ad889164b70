#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/sessions.hpp"
#include "base/secret.hpp"
#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"
#include "store/members.hpp"
#include "store/oauth_clients.hpp"
#include "store/oauth_grants.hpp"

// A person lets an application act for an organization: RFC 6749 section 4.1.
namespace paylink::app {

// What an application asks for, after everything about it has been checked that the application alone decides.
struct AuthorizationRequest {
  store::OauthClient client;
  std::string redirect_uri;  // one of the client's
  Scopes scopes;             // within the client's, not empty
  std::string state;
  std::optional<std::string> code_challenge;   // RFC 7636, S256
  std::optional<OrganizationId> organization;  // absent: whoever allows it chooses
};

struct NoOrganization {};  // the person is in none, or not in the one that was asked for

struct ChooseOrganization {
  std::vector<store::UserOrganization> organizations;
};

// Nothing of what is asked for is the member's to give.
struct NotAllowed {
  store::UserOrganization as;
};

struct AskConsent {
  store::UserOrganization as;
  Scopes scopes;          // what is allowed by saying yes
  Scopes withheld;        // what is asked for, and not this member's to give
  bool is_again = false;  // the application has been allowed something before
};

// Nobody needs to be asked: all of it has been allowed before, and the application can prove who it is.
struct Remembered {
  store::UserOrganization as;
  Scopes scopes;
};

using AuthorizationStep = std::variant<NoOrganization, ChooseOrganization, NotAllowed, AskConsent, Remembered>;

// What has to be done before there is a code. Looks over all organizations of the person.
Result<AuthorizationStep> next_step(const AuthorizationRequest& request, UserId user, sql::Transaction& tx);

// Whether the person has just said yes, or need not be asked.
enum class Asked : std::uint8_t { now, before };

struct Approve {
  AuthorizationRequest request;  // with an organization, and the scopes that were shown
  UserId user;
  Asked asked;
  std::chrono::seconds code_life;
};

// The code, and, of whoever has just said yes, the consent that is remembered. Only what the member may give, whatever
// the page has shown. Fails with `access_denied` (forbidden) when that is nothing any more, and `consent_withdrawn`
// (conflict) when nobody was asked and the consent is gone.
Result<Secret> approve(const Approve& command, const crypto::KeyRing& keys, sql::Transaction& tx);

// Ends what the application was allowed, with everything it was issued; next time it has to ask again. `why` is kept
// for whoever looks into it: one word.
Result<> revoke_consent(const store::Delegation& delegation, std::string_view why, sql::Transaction& tx);

}  // namespace paylink::app
