#include "api/errors_json.hpp"

#include <gtest/gtest.h>

#include "http/status.hpp"

namespace paylink::api {
namespace {

Error input_error(std::vector<Fault> faults) {
  return {.code = ErrorCode::invalid_input,
          .reason = "x",
          .message = "x",
          .detail = "private",
          .faults = std::move(faults)};
}

TEST(ErrorsJson, Bodies) {
  struct Case {
    const char* name;
    Error error;
    const char* json;
    const char* flat;
  };
  const Case cases[] = {
      {"fault in the body", input_error({{.code = "missing_field", .where = "/a/0", .detail = "a/0 is required"}}),
       R"({"errors":[{"code":"missing_field","detail":"a/0 is required","source":{"pointer":"/a/0"}}],"trace_id":"t"})",
       R"({"code":"missing_field","detail":"a/0 is required","source":{"pointer":"/a/0"}})"},
      {"two faults",
       input_error({{.code = "invalid", .where = "page", .detail = "1", .source = FaultSource::query},
                    {.code = "malformed_json", .where = "", .detail = "2"}}),
       R"({"errors":[{"code":"invalid","detail":"1","source":{"parameter":"page"}},)"
       R"({"code":"malformed_json","detail":"2"}],"trace_id":"t"})",
       R"({"code":"invalid","detail":"1","source":{"parameter":"page"}})"},
      {"no faults",
       {ErrorCode::not_found, "not_found", "There is no such payment link.", "private", {}},
       R"({"errors":[{"code":"not_found","detail":"There is no such payment link."}],"trace_id":"t"})",
       R"({"code":"not_found","detail":"There is no such payment link."})"},
      {"no reason",
       {ErrorCode::invalid_input, "", "Something.", "", {}},
       R"({"errors":[{"code":"bad_request","detail":"Something."}],"trace_id":"t"})",
       R"({"code":"bad_request","detail":"Something."})"},
      {"internal",
       {ErrorCode::internal,
        "sql_broken",
        "SELECT secret",
        "private",
        {{.code = "secret", .where = "/x", .detail = "secret"}}},
       R"({"errors":[{"code":"internal_server_error","detail":"Something went wrong on our side."}],"trace_id":"t"})",
       R"({"code":"internal_server_error","detail":"Something went wrong on our side."})"},
      {"text that needs escaping",
       {ErrorCode::conflict, "a\"b", "c\\d\n", "", {}},
       R"({"errors":[{"code":"a\"b","detail":"c\\d\n"}],"trace_id":"t"})",
       R"({"code":"a\"b","detail":"c\\d\n"})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(errors_json(c.error, "t"), c.json);
    EXPECT_EQ(flat_error_json(c.error), c.flat);
  }
}

TEST(ErrorsJson, StatusesAndFields) {
  struct Case {
    ErrorCode code;
    const char* reason;
    int status;
    const char* fields;
  };
  constexpr Case cases[] = {
      {ErrorCode::invalid_input, "invalid", 400, ""},
      {ErrorCode::unprocessable, "idempotency_key_reused", 422, ""},
      {ErrorCode::unauthenticated, "authorization_header_missing", 401,
       "WWW-Authenticate: Bearer realm=\"paylink\"\r\n"},
      {ErrorCode::unauthenticated, "authorization_token_invalid", 401,
       "WWW-Authenticate: Bearer realm=\"paylink\", error=\"invalid_token\"\r\n"},
      {ErrorCode::forbidden, "forbidden", 403, ""},
      {ErrorCode::not_found, "not_found", 404, ""},
      {ErrorCode::conflict, "idempotency_in_progress", 409, ""},
      {ErrorCode::unsupported_media_type, "unsupported_media_type", 415, ""},
      {ErrorCode::rate_limited, "rate_limited", 429, "Retry-After: 1\r\n"},
      {ErrorCode::unavailable, "service_unavailable", 503, "Retry-After: 1\r\n"},
      {ErrorCode::unavailable, "overloaded", 503, "Retry-After: 1\r\n"},
      {ErrorCode::unavailable, "outcome_unknown", 503, "Retry-After: 1\r\n"},
      {ErrorCode::internal, "bug", 500, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.reason);
    http::Request request;
    request.trace_id = "0123";
    const auto response = encode_error(fail(c.code, c.reason, "m").error(), request);
    EXPECT_EQ(response.status, c.status);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.fields, c.fields);
    EXPECT_NE(response.body.find("\"trace_id\":\"0123\""), std::string::npos);
    const bool is_unknown = std::string_view(c.reason) == "outcome_unknown";
    EXPECT_EQ(response.body.find("\"code\":\"outcome_unknown\"") != std::string::npos, is_unknown);
    EXPECT_EQ(response.body.find("\"code\":\"service_unavailable\"") != std::string::npos,
              c.status == 503 && !is_unknown);
  }
  Error known = fail(ErrorCode::rate_limited, "rate_limited", "m").error();
  known.retry_after_seconds = 3'400;
  EXPECT_EQ(encode_error(known, {}).fields, "Retry-After: 3400\r\n");
  Error lacking = fail(ErrorCode::forbidden, "forbidden", "m").error();
  lacking.scope = "payment_link.write";
  EXPECT_EQ(
      encode_error(lacking, {}).fields,
      "WWW-Authenticate: Bearer realm=\"paylink\", error=\"insufficient_scope\", scope=\"payment_link.write\"\r\n");
}

}  // namespace
}  // namespace paylink::api
