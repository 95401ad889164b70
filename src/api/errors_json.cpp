#include "api/errors_json.hpp"

#include <algorithm>

#include "http/status.hpp"
#include "json/writer.hpp"

namespace paylink::api {
namespace {

constexpr std::int64_t soon_seconds = 1;  // when nobody knows better

void write_fault(json::Writer& json, const Fault& fault) {
  json.begin_object().text("code", fault.code).text("detail", fault.detail);
  if (!fault.where.empty() || fault.source == FaultSource::query) {
    json.key("source").begin_object();
    json.text(fault.source == FaultSource::body ? "pointer" : "parameter", fault.where).end_object();
  }
  json.end_object();
}

// What a client is told of an error that lists no faults.
Fault summary(const Error& error) {
  if (error.code == ErrorCode::internal)
    return {.code = "internal_server_error", .where = {}, .detail = "Something went wrong on our side."};
  // Whatever is not available, and why, is for the log: clients know one word for "nothing was done, try again", and
  // one for what may have been done.
  if (error.code == ErrorCode::unavailable && error.reason != "outcome_unknown")
    return {.code = "service_unavailable", .where = {}, .detail = error.message};
  return {.code = error.reason.empty() ? "bad_request" : error.reason, .where = {}, .detail = error.message};
}

bool lists_faults(const Error& error) { return error.code != ErrorCode::internal && !error.faults.empty(); }

}  // namespace

std::string errors_json(const Error& error, std::string_view trace_id) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("errors").begin_array();
  if (lists_faults(error)) {
    for (const Fault& fault : error.faults) write_fault(json, fault);
  } else {
    write_fault(json, summary(error));
  }
  json.end_array().text("trace_id", trace_id).end_object();
  return out;
}

std::string flat_error_json(const Error& error) {
  std::string out;
  json::Writer json(out);
  write_fault(json, lists_faults(error) ? error.faults.front() : summary(error));
  return out;
}

http::Response encode_error(const Error& error, const http::Request& request) {
  http::Response response{.status = http::http_status(error.code),
                          .content_type = "application/json",
                          .body = errors_json(error, request.trace_id),
                          .fields = {}};
  // RFC 6750, section 3: a request without credentials is told the scheme alone.
  if (error.code == ErrorCode::unauthenticated) {
    const bool invalid = error.reason == "authorization_token_invalid";
    response.add_field("WWW-Authenticate",
                       invalid ? R"(Bearer realm="paylink", error="invalid_token")" : R"(Bearer realm="paylink")");
  }
  if (!error.scope.empty())
    response.add_field("WWW-Authenticate",
                       R"(Bearer realm="paylink", error="insufficient_scope", scope=")" + error.scope + '"');
  if (error.code == ErrorCode::unavailable || error.code == ErrorCode::rate_limited)
    response.add_field("Retry-After", std::to_string(std::max(error.retry_after_seconds, soon_seconds)));
  return response;
}

}  // namespace paylink::api
