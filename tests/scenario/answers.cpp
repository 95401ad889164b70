#include "answers.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <set>

#include "json/document.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

constexpr const char* nothing = "(nothing)";

std::string unescaped(std::string_view step) {
  std::string key;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool tilde = step[i] == '~' && i + 1 < step.size();
    key += tilde ? (step[++i] == '1' ? '/' : '~') : step[i];
  }
  return key;
}

std::optional<json::Value> step_into(const json::Value& value, std::string_view step) {
  if (value.type() == json::Type::object) return value.find(unescaped(step));
  if (value.type() != json::Type::array) return std::nullopt;
  std::size_t index = 0;
  std::from_chars(step.data(), step.data() + step.size(), index);
  for (const json::Value element : value.children())
    if (index-- == 0) return element;
  return std::nullopt;
}

std::string shown(const json::Value& value) {
  switch (value.type()) {
    case json::Type::null:
      return "null";
    case json::Type::boolean:
      return value.boolean() ? "true" : "false";
    case json::Type::number:
      return value.decimal();
    case json::Type::text:
      return std::string(value.text());
    case json::Type::array:
      return "[" + std::to_string(value.size()) + "]";
    case json::Type::object:
      return "{" + std::to_string(value.size()) + "}";
  }
  return nothing;
}

// Contract.md, part 2.
const std::set<std::string> known_codes{"bad_request",
                                        "malformed_json",
                                        "missing_field",
                                        "invalid_type",
                                        "invalid_format",
                                        "not_in_list",
                                        "out_of_range",
                                        "invalid",
                                        "invalid_status",
                                        "multiple_connections_not_allowed",
                                        "authorization_header_missing",
                                        "unauthorized",
                                        "forbidden",
                                        "authorization_token_invalid",
                                        "not_found",
                                        "rate_limited",
                                        "idempotency_in_progress",
                                        "method_not_allowed",
                                        "payload_too_large",
                                        "idempotency_key_reused",
                                        "internal_server_error",
                                        "unsupported_media_type",
                                        "service_unavailable"};

}  // namespace

std::string at(std::string_view json, std::string_view pointer) {
  const auto document = json::Document::parse(json, {.duplicate_keys = json::DuplicateKeys::refused});
  if (!document) return "(no JSON)";
  std::optional<json::Value> value = document->root();
  while (value && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    value = step_into(*value, pointer.substr(0, end));
    pointer.remove_prefix(end);
  }
  return value ? shown(*value) : nothing;
}

std::string errors_of(const Answer& answer) {
  const auto document = json::Document::parse(answer.body);
  if (!document || document->root().type() != json::Type::object) return "(no JSON object)";
  const auto errors = document->root().find("errors");
  if (!errors || errors->type() != json::Type::array) return "(no errors)";
  std::string text;
  for (const json::Value error : errors->children()) {
    const auto code = error.find("code"), source = error.find("source");
    text += code ? std::string(code->text()) : "(no code)";
    auto where = source ? source->find("pointer") : std::nullopt;
    if (source && !where) where = source->find("parameter");
    text += (where ? " " + std::string(where->text()) : "") + "\n";
  }
  return text;
}

void check(const Answer& answer, const Scenario& scenario) {
  EXPECT_EQ(answer.status, scenario.status) << answer.body.substr(0, 2000);
  if (!scenario.errors.empty()) {
    EXPECT_EQ(errors_of(answer), scenario.errors) << answer.body.substr(0, 2000);
  }
  if (!scenario.exact.empty()) {
    EXPECT_EQ(answer.body, scenario.exact);
  }
  for (const std::string& part : scenario.says)
    EXPECT_NE(answer.body.find(part), std::string::npos) << "lacks " << part << ": " << answer.body.substr(0, 4000);
  for (const std::string& part : scenario.never)
    EXPECT_EQ(answer.body.find(part), std::string::npos) << "has " << part << ": " << answer.body.substr(0, 4000);
  for (const auto& [pointer, value] : scenario.values) EXPECT_EQ(at(answer.body, pointer), value) << pointer;
  for (const auto& [name, value] : scenario.answer_fields) EXPECT_EQ(answer.field(name), value) << name;
  if (answer.status < 400 || !answer.field("Content-Type").starts_with("application/json")) return;
  EXPECT_EQ(at(answer.body, "/trace_id"), answer.field("X-Trace-Id"));
  for (int i = 0; at(answer.body, "/errors/" + std::to_string(i)) != nothing; ++i) {
    const std::string error = "/errors/" + std::to_string(i);
    EXPECT_TRUE(known_codes.contains(at(answer.body, error + "/code"))) << at(answer.body, error + "/code");
    EXPECT_NE(at(answer.body, error + "/detail"), nothing);
    EXPECT_NE(at(answer.body, error + "/detail"), "");
  }
}

void play(const Sandbox& sandbox, const std::vector<Scenario>& scenarios) {
  for (const Scenario& scenario : scenarios) {
    SCOPED_TRACE(scenario.name);
    const Message message{scenario.method, scenario.target, scenario.fields, scenario.body};
    check(sandbox.ask(message), scenario);
  }
}

}  // namespace paylink::scenario
