#pragma once

#include "base/result.hpp"
#include "http/request.hpp"

namespace paylink::api {

// Clients that send no Content-Type, or one with parameters, mean JSON; a form or a file is somebody's mistake. Fails
// with `unsupported_media_type`.
Result<> require_json(const http::Request& request);

}  // namespace paylink::api
