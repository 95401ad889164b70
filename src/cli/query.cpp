#include "cli/query.hpp"

#include "cli/report.hpp"
#include "json/document.hpp"

namespace paylink::cli {

std::optional<std::int64_t> next_page(std::string_view answer, std::int64_t number) {
  const auto document = json::Document::parse(answer, answer_limits);
  if (!document || document->root().type() != json::Type::object) return std::nullopt;
  const auto meta = document->root().find("meta");
  if (!meta || meta->type() != json::Type::object) return std::nullopt;
  const auto next = meta->find("next_page");
  if (!next || next->type() != json::Type::number) return std::nullopt;
  const auto page = next->integer();
  return page && *page > number ? page : std::nullopt;
}

}  // namespace paylink::cli
