#pragma once

#include "app/oauth_tokens.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "oauth/parameters.hpp"

namespace paylink::oauth {

// How a client says who it is at the token and revocation endpoints: by HTTP Basic (RFC 6749, section 2.3.1: both parts
// are form-encoded first), by client_id and client_secret in the form, or by client_id alone. Fails with
// `invalid_request` when it does so twice, and `invalid_client` (unauthenticated) when it does not at all.
Result<app::ClientCredentials> read_client_credentials(const http::Request& request, const Parameters& form);

}  // namespace paylink::oauth
