#include "cli/report.hpp"

#include "cli/table.hpp"
#include "cli/yaml.hpp"
#include "json/document.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;

constexpr json::Limits answer_limits{.depth = 64, .bytes = 16 << 20};

Exit exit_of(int status) {
  if (status < 300) return Exit::done;
  if (status == 401 || status == 403) return Exit::not_authorized;
  if (status == 404) return Exit::not_found;
  if (status == 429 || status == 503) return Exit::later;
  return status < 500 && status >= 400 ? Exit::refused : Exit::broken;
}

std::string hint_of(int status) {
  switch (exit_of(status)) {
    case Exit::not_authorized:
      return status == 401
                 ? "Give a token or an API key: --token, --api-key, --ready-file, or PAYLINK_TOKEN.\n"
                 : "This token or key lacks the scope. Use another, or make one with `paylink keys create`.\n";
    case Exit::later:
      return "Try again later.\n";
    case Exit::broken:
      return "This is the server's fault. The trace id finds it in the server's log.\n";
    default:
      return {};
  }
}

std::string text_of(Value object, std::string_view key) {
  const auto member = object.type() == Type::object ? object.find(key) : std::nullopt;
  return member && member->type() == Type::text ? harmless(member->text()) : std::string();
}

std::string errors_of(Value answer) {
  std::string lines;
  const auto errors = answer.type() == Type::object ? answer.find("errors") : std::nullopt;
  if (!errors || errors->type() != Type::array) return lines;
  for (const Value error : errors->children()) {
    const auto source = error.type() == Type::object ? error.find("source") : std::nullopt;
    std::string where = source ? text_of(*source, "pointer") : "";
    if (source && where.empty()) where = text_of(*source, "parameter");
    const std::string detail = text_of(error, "detail");
    // Ours name the place themselves.
    const bool named = !where.empty() && detail.starts_with(where.substr(where.starts_with('/') ? 1 : 0));
    lines += "paylink: " + (named ? "" : (where.empty() ? text_of(error, "code") : where) + ": ") + detail + "\n";
  }
  if (const auto trace = text_of(answer, "trace_id"); !trace.empty()) lines += "  (trace id " + trace + ")\n";
  return lines;
}

}  // namespace

Report report(const ApiAnswer& answer, Output output, std::size_t width) {
  const auto document = json::Document::parse(answer.body, answer_limits);
  if (!document)
    return {Exit::broken,
            {},
            "paylink: the answer (" + std::to_string(answer.status) +
                ") is no JSON. Is --base-url the address of a payment-links API?\n"};
  const Exit exit = exit_of(answer.status);
  if (exit != Exit::done) {
    std::string lines = errors_of(document->root());
    if (lines.empty()) lines = "paylink: the server answered " + std::to_string(answer.status) + ".\n";
    return {exit, output == Output::json ? answer.body + "\n" : std::string(), lines + hint_of(answer.status)};
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
