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

Failure leads_back(const std::string& where) {
  return fail(ErrorCode::unavailable, "endless_list",
              "The server's list leads back to " + where + ": what is printed may not be all of it.");
}

Result<std::optional<ListPlace>> page_after(std::int64_t number, const std::optional<json::Value>& next) {
  if (!next || next->type() != json::Type::number) return std::optional<ListPlace>();
  const auto page = next->integer();
  if (!page) return std::optional<ListPlace>();
  if (*page <= number) return leads_back("page " + std::to_string(*page));
  return std::optional(ListPlace{.walk = Walk::by_number, .page = *page});
}

}  // namespace

Result<std::optional<ListPlace>> next_place(std::string_view answer, const ListPlace& place) {
  const auto document = json::Document::parse(answer, answer_limits);
  if (place.walk == Walk::by_number) return page_after(place.page, of_meta(document, "next_page"));
  const auto next = of_meta(document, "next_cursor");
  if (!next && place.cursor.empty()) return page_after(1, of_meta(document, "next_page"));
  if (!next || next->type() != json::Type::text || next->text().empty()) return std::optional<ListPlace>();
  if (next->text() == place.cursor) return leads_back("where it was");
  return std::optional(ListPlace{.walk = Walk::by_cursor, .cursor = std::string(next->text())});
}

}  // namespace paylink::cli
