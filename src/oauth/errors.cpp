#include "oauth/errors.hpp"

#include <algorithm>

#include "http/status.hpp"
#include "json/writer.hpp"

namespace paylink::oauth {
namespace {

// What a client is told of a failure that is not its own.
std::string_view word_for(const Error& error) {
  switch (error.code) {
    case ErrorCode::internal:
      return "server_error";
    case ErrorCode::unavailable:
    case ErrorCode::rate_limited:
      return "temporarily_unavailable";
    default:
      return error.reason;
  }
}

}  // namespace

http::Response& add_no_store(http::Response& response) {
  return response.add_field("Cache-Control", "no-store").add_field("Pragma", "no-cache");
}

http::Response error_response(std::string_view error, std::string_view description) {
  http::Response response{400, "application/json", {}, {}};
  json::Writer json(response.body);
  json.begin_object().text("error", error).text("error_description", description).end_object();
  add_no_store(response);
  return response;
}

http::Response encode_error(const Error& error, const http::Request&) {
  const bool is_ours = error.code == ErrorCode::internal;
  std::string_view description = is_ours ? "Something went wrong on our side." : std::string_view(error.message);
  // No idempotency key helps here, and a code or refresh token that was used after all must not be tried for long.
  if (error.reason == "outcome_unknown")
    description =
        "It is not known whether tokens were issued. Try once more; if that is refused, ask for authorization again.";
  auto response = error_response(word_for(error), description);
  response.status = http::http_status(error.code);
  // RFC 6749, section 5.2: whoever used the Authorization field is told which scheme it has; it hurts nobody else.
  if (error.code == ErrorCode::unauthenticated) response.add_field("WWW-Authenticate", R"(Basic realm="paylink")");
  if (error.code == ErrorCode::unavailable || error.code == ErrorCode::rate_limited)
    response.add_field("Retry-After", std::to_string(std::max(error.retry_after_seconds, std::int64_t{1})));
  return response;
}

}  // namespace paylink::oauth
