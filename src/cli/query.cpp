#include "cli/query.hpp"

#include "cli/report.hpp"
#include "json/document.hpp"

namespace paylink::cli {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return result;
}

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
