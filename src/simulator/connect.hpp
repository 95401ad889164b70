#pragma once

#include "simulator/call.hpp"

// How an application comes to speak for an organization (OAuth 2.0, docs.mollie.com/docs/connect). Any `app_…` with at
// least ten letters or digits is an application: the redirect URI of its first request is the one it has registered,
// and the first secret it shows is its secret. One called `app_rotating…` gets a new refresh token with each renewal,
// and its old one is worth nothing then; Mollie's do not change, but RFC 6749 (section 6) lets a provider do so.
namespace paylink::simulator {

//   GET  /oauth2/authorize    a tester says which organization he is of, and whether it is allowed; a request that
//                             cannot be answered by leading back gets a page that says so (400)
//   POST /oauth2/authorize    decision=allow or refuse → 303 to the application
Result<http::Response> show_authorize_page(Call& call);
Result<http::Response> decide_authorization(Call& call);
// GET /client-links/{id}?client_id=…&state=…&scope=…: the same page, for an organization that was invited.
Result<http::Response> show_client_link(Call& call);

//   POST /oauth2/tokens       HTTP Basic; a form or JSON: a code, or a refresh token, for tokens
//   DELETE /oauth2/tokens     204
Result<http::Response> issue_tokens(Call& call);
Result<http::Response> revoke_token(Call& call);

//   GET /organizations/{id}   its profiles with their keys, and how far its onboarding is
//   POST                      onboarding=completed, in-review or needs-data
Result<http::Response> show_organization_page(Call& call);
Result<http::Response> change_organization(Call& call);

}  // namespace paylink::simulator
