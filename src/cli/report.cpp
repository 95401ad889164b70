#include "cli/report.hpp"

#include <vector>

#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "cli/yaml.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;

Exit exit_of(int status) {
  if (status < 300) return Exit::done;
  if (status == 401 || status == 403) return Exit::not_authorized;
  if (status == 404) return Exit::not_found;
  if (status == 429 || status == 503) return Exit::later;
  return status < 500 && status >= 400 ? Exit::refused : Exit::broken;
}

std::string harmless_text_of(Value object, std::string_view key) {
  const auto text = json::member(object, key, Type::text);
  return text ? harmless(text->text()) : std::string();
}

// The errors of our envelope, or one flat error as other parts of the API family, and gateways, answer.
std::vector<Value> errors_of(Value answer) {
  const auto errors = answer.type() == Type::object ? answer.find("errors") : std::nullopt;
  if (!errors || errors->type() != Type::array) return {answer};
  std::vector<Value> found;
  for (const Value error : errors->children()) found.push_back(error);
  return found;
}

// What to do next about one error. What the API tells apart in words only is told apart by them.
struct Advice {
  std::string_view code;
  std::string_view detail;  // empty: any
  std::string_view hint;
};

constexpr Advice advices[] = {
    {"multiple_connections_not_allowed", "", "`paylink links connection` shows how it stands.\n"},
    {"invalid", "connection with the provider does not exist",
     "`paylink links connection` shows how the connection stands, `paylink links connect` begins one.\n"},
    {"not_found", "connection not found", "`paylink links connect` begins one.\n"},
    {"authorization_token_invalid", "authorization token invalid: an API key goes without Bearer, as login:secret_key",
     "Give it as --api-key-file or PAYLINK_API_KEY, not as a token.\n"},
    {"unauthorized", "The X-Qonto-Staging-Token is missing or wrong.",
     "This sandbox insists on its staging token: --ready-file, --staging-token or PAYLINK_STAGING_TOKEN.\n"},
    {"unauthorized", "OAuth2 authentication is required here",
     "This server takes access tokens here, and no API keys: --token-file or PAYLINK_TOKEN.\n"},
};

// What to do next, by the errors where they say it, else by the status.
std::string hint_of(int status, const std::vector<Value>& errors, const Asked& asked) {
  for (const Value error : errors) {
    const std::string code = harmless_text_of(error, "code"), detail = harmless_text_of(error, "detail");
    for (const Advice& advice : advices)
      if (advice.code == code && (advice.detail.empty() || advice.detail == detail)) return std::string(advice.hint);
  }
  switch (status) {
    case 401:
      if (asked.credentials == Credentials::given)
        return "The server does not take this token or key: it may be mistyped, expired, revoked, or of another "
               "server. Is --base-url the right one?\n";
      return "Give a token or an API key: --token-file, --api-key-file, --ready-file or PAYLINK_TOKEN; "
             "`paylink keys create` makes a key.\n";
    case 403:
      return "This token or key lacks the scope. Use another, or make one with `paylink keys create --scope`.\n";
    case 404:
      return "Check the id, and whose credentials these are: what belongs to another organization looks the same.\n" +
             std::string(asked.not_found);
    case 409:
      return "Wait a moment, then repeat the command with the same --idempotency-key.\n";
    case 422:
      return "For another request leave out --idempotency-key, or give it a new value.\n";
    default:
      break;
  }
  if (exit_of(status) == Exit::later) return "Try again later.\n";
  if (exit_of(status) == Exit::broken)
    return "This is the server's fault. The trace id finds it in the server's log.\n";
  return {};
}

std::string line_of(Value error, std::span<const FlagPlace> places) {
  const auto source = error.type() == Type::object ? error.find("source") : std::nullopt;
  std::string where = source ? harmless_text_of(*source, "pointer") : "";
  if (source && where.empty()) where = harmless_text_of(*source, "parameter");
  std::string detail = harmless_text_of(error, "detail");
  if (detail.empty()) detail = harmless_text_of(error, "message");
  if (where.empty()) where = harmless_text_of(error, "code");
  if (where.empty() || detail.empty()) return where + detail;
  // Ours name the place themselves.
  const std::string_view name = std::string_view(where).substr(where.starts_with('/') ? 1 : 0);
  const std::string words = source ? words_of_place(where, places) : where;
  return detail.starts_with(name) ? words + detail.substr(name.size()) : words + ": " + detail;
}

std::string lines_of(Value answer, const std::vector<Value>& errors, std::span<const FlagPlace> places) {
  std::string lines;
  for (const Value error : errors)
    if (const std::string line = line_of(error, places); !line.empty()) lines += "paylink: " + line + "\n";
  if (const auto trace = harmless_text_of(answer, "trace_id"); !trace.empty()) lines += "  (trace id " + trace + ")\n";
  return lines;
}

}  // namespace

Failure usage_error(std::string message) { return fail(ErrorCode::invalid_input, "usage", std::move(message)); }

Report report(const ApiAnswer& answer, Output output, std::size_t width, const Asked& asked) {
  const auto document = json::Document::parse(answer.body, answer_limits);
  if (!document) {
    const std::string status = std::to_string(answer.status);
    // What stands before a server answers in its place, and seldom in JSON.
    if (exit_of(answer.status) == Exit::later)
      return {Exit::later, {}, "paylink: not available now (" + status + ").\n" + hint_of(answer.status, {}, asked)};
    return {Exit::broken,
            {},
            "paylink: the answer (" + status + ") is no JSON. Is --base-url the address of a payment-links API?\n"};
  }
  const Exit exit = exit_of(answer.status);
  if (exit != Exit::done) {
    const auto errors = errors_of(document->root());
    std::string lines = lines_of(document->root(), errors, asked.places);
    if (lines.empty()) lines = "paylink: the server answered " + std::to_string(answer.status) + ".\n";
    lines += hint_of(answer.status, errors, asked);
    return {exit, output == Output::json ? answer.body + "\n" : std::string(), std::move(lines)};
  }
  switch (output) {
    case Output::json:
      return {exit, answer.body + "\n", {}};
    case Output::yaml:
      return {exit, to_yaml(document->root()), {}};
    case Output::table:
      break;
  }
  return {exit, to_table(document->root(), width), {}};
}

}  // namespace paylink::cli
