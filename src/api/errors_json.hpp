#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace paylink::api {

// `{"errors":[{"code","detail","source"}],"trace_id"}`: one entry per fault, or one for the error itself. Of an
// internal error it says nothing but that there was one.
std::string errors_json(const Error& error, std::string_view trace_id);

// The same for the endpoints of webhook subscriptions: the first entry alone, `{"code","detail","source"}`.
std::string flat_error_json(const Error& error);

// The answer to a failed API request: the status of its code, the body above, and `WWW-Authenticate` or `Retry-After`
// where they belong.
http::Response encode_error(const Error& error, const http::Request& request);

}  // namespace paylink::api
