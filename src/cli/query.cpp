#include "cli/query.hpp"

#include "cli/report.hpp"
#include "json/document.hpp"

namespace paylink::cli {

namespace {

// A member of an answer's `meta`, as long as `document` lives.
std::optional<json::Value> of_meta(const Result<json::Document>& document, std::string_view name) {
  if (!document || document->root().type() != json::Type::object) return std::nullopt;
  const auto meta = document->root().find("meta");
  if (!meta || meta->type() != json::Type::object) return std::nullopt;
  return meta->find(name);
}

}  // namespace

std::optional<std::int64_t> next_page(std::string_view answer, std::int64_t number) {
  const auto document = json::Document::parse(answer, answer_limits);
  const auto next = of_meta(document, "next_page");
  if (!next || next->type() != json::Type::number) return std::nullopt;
  const auto page = next->integer();
  return page && *page > number ? page : std::nullopt;
}

std::optional<std::string> next_cursor(std::string_view answer, std::string_view cursor) {
  const auto document = json::Document::parse(answer, answer_limits);
  const auto next = of_meta(document, "next_cursor");
  if (!next || next->type() != json::Type::text) return std::nullopt;
  const std::string_view text = next->text();
  return !text.empty() && text != cursor ? std::optional(std::string(text)) : std::nullopt;
}

}  // namespace paylink::cli
