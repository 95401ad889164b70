#pragma once

#include <string>
#include <vector>

#include "runtime/routes.hpp"

namespace paylink::oauth {

// GET /.well-known/oauth-authorization-server (RFC 8414). The issuer is `public_url`.
std::vector<runtime::Route> metadata_routes(const std::string& public_url, const runtime::ErrorEncoder& encode_error);

}  // namespace paylink::oauth
