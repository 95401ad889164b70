#include "api/media_type.hpp"

namespace paylink::api {

Result<> require_json(const http::Request& request) {
  const auto type = request.field("Content-Type");
  if (!type && request.count("Content-Type") == 0) return {};
  if (http::is_media_type(type.value_or(""), "application/json")) return {};
  return fail(ErrorCode::unsupported_media_type, "unsupported_media_type", "Send the body as application/json.");
}

}  // namespace paylink::api
