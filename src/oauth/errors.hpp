#pragma once

#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace paylink::oauth {

// What the token and revocation endpoints answer instead of tokens: RFC 6749, section 5.2.
http::Response error_response(std::string_view error, std::string_view description);

// The same for a failure: its reason is one of RFC 6749's words, or it is ours (`server_error`), or of the moment
// (`temporarily_unavailable`, with Retry-After).
http::Response encode_error(const Error& error, const http::Request& request);

// Nobody keeps a copy of what holds tokens.
http::Response& add_no_store(http::Response& response);

}  // namespace paylink::oauth
