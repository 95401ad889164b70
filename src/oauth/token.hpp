#pragma once

#include <vector>

#include "crypto/keyring.hpp"
#include "runtime/routes.hpp"

namespace paylink::oauth {

// POST /oauth2/token and POST /oauth2/revoke. `keys` outlive the routes.
std::vector<runtime::Route> token_routes(const crypto::KeyRing& keys);

// DELETE /v2/oauth2/consents, a route of the API: `encode_error` is the API's.
std::vector<runtime::Route> consent_routes(runtime::ErrorEncoder encode_error);

}  // namespace paylink::oauth
