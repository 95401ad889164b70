#include "cli/table.hpp"

#include <algorithm>

#include "cli/yaml.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;
using Rows = std::vector<std::vector<std::string>>;

struct CodePoint {
  char32_t value;
  std::size_t bytes;
};

// The first of well-formed UTF-8; a byte that is none counts as itself.
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 1 || length > text.size()) return {byte(0), 1};
  char32_t value = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte(i) & 0x3FU);
  return {value, length};
}

bool is_between(char32_t value, char32_t first, char32_t last) { return value >= first && value <= last; }

bool is_harmful(char32_t c) {
  return c < 0x20 || is_between(c, 0x7F, 0x9F) || is_between(c, 0x200B, 0x200F) || is_between(c, 0x2028, 0x202E) ||
         is_between(c, 0x2066, 0x2069) || c == 0xFEFF;
}

std::size_t width_of(char32_t c) {
  if (is_between(c, 0x300, 0x36F)) return 0;
  const bool wide = is_between(c, 0x1100, 0x115F) || is_between(c, 0x2E80, 0xA4CF) || is_between(c, 0xAC00, 0xD7A3) ||
                    is_between(c, 0xF900, 0xFAFF) || is_between(c, 0xFE30, 0xFE6F) || is_between(c, 0xFF00, 0xFF60) ||
                    is_between(c, 0x1F300, 0x1FAFF) || is_between(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

std::string cut(std::string_view text, std::size_t width) {
  if (cli::width_of(text) <= width) return std::string(text);
  std::string result;
  std::size_t used = 1;  // for the dots
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    if (used + width_of(c.value) > width) break;
    used += width_of(c.value);
    result += text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  return width == 0 ? std::string() : result + "…";
}

std::string text_at(Value object, std::string_view key) {
  const auto member = object.type() == Type::object ? object.find(key) : std::nullopt;
  if (!member || member->is_null()) return "-";
  switch (member->type()) {
    case Type::text:
      return harmless(member->text());
    case Type::number:
      return member->decimal();
    case Type::boolean:
      return member->boolean() ? "yes" : "no";
    default:
      break;
  }
  if (member->type() == Type::object && member->find("value"))
    return text_at(*member, "value") + " " + text_at(*member, "currency");
  std::string list;
  for (const Value element : member->children()) {
    std::string part = element.key().empty() ? "" : harmless(element.key()) + "=";
    part += element.type() == Type::text ? harmless(element.text()) : "…";
    list += (list.empty() ? "" : ", ") + part;
  }
  return list.empty() ? "-" : list;
}

// What a link is for, in a few words.
std::string subject_of(Value link) {
  if (const auto number = link.find("invoice_number"); number && number->type() == Type::text)
    return harmless(number->text());
  const auto items = link.find("items");
  if (!items || items->type() != Type::array || items->size() == 0) return "-";
  const std::string first = text_at(*items->children().begin(), "title");
  return items->size() == 1 ? first : first + " and " + std::to_string(items->size() - 1) + " more";
}

std::string page_of(Value answer) {
  const auto meta = answer.find("meta");
  if (!meta || meta->type() != Type::object) return {};
  if (text_at(*meta, "total_count") == "0") return "none\n";
  return "page " + text_at(*meta, "current_page") + " of " + text_at(*meta, "total_pages") + ", " +
         text_at(*meta, "total_count") + " in all\n";
}

std::string links_table(Value answer, Value links, std::size_t width) {
  Rows rows;
  for (const Value link : links.children())
    rows.push_back({text_at(link, "id"), text_at(link, "status"), text_at(link, "amount"),
                    text_at(link, "expiration_date"), subject_of(link)});
  return table({"ID", "STATUS", "AMOUNT", "EXPIRES", "FOR"}, rows, width) + page_of(answer);
}

std::string payments_table(Value answer, Value payments, std::size_t width) {
  Rows rows;
  for (const Value payment : payments.children())
    rows.push_back({text_at(payment, "id"), text_at(payment, "status"), text_at(payment, "amount"),
                    text_at(payment, "payment_method"), text_at(payment, "created_at"), text_at(payment, "paid_at"),
                    text_at(payment, "debitor_email")});
  return table({"ID", "STATUS", "AMOUNT", "METHOD", "BEGUN", "PAID", "BY"}, rows, width) + page_of(answer);
}

std::string methods_table(Value methods, std::size_t width) {
  Rows rows;
  for (const Value method : methods.children()) rows.push_back({text_at(method, "name"), text_at(method, "enabled")});
  return table({"METHOD", "ENABLED"}, rows, width);
}

std::string names_and_values(Value object, std::size_t width) {
  Rows rows;
  for (const Value member : object.children()) {
    if (member.key() == "payment_link") continue;  // the same once more
    const std::string key(member.key());
    rows.push_back({key, key == "items" && !member.is_null() ? subject_of(object) : text_at(object, key)});
  }
  return table({}, rows, width);
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    if (is_harmful(c.value))
      result += "?";
    else
      result += text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  return result;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    width += width_of(c.value);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
                  std::size_t width) {
  std::vector<std::vector<std::string>> lines;
  if (!heads.empty()) lines.push_back(heads);
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      const std::size_t left = width > used ? width - used : 0;
      text += last && width > 0 ? cut(line[i], left) : line[i];
      if (!last) text += std::string(widths[i] - width_of(line[i]) + 2, ' ');
      used += widths[i] + 2;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string to_table(Value answer, std::size_t width) {
  if (answer.type() != Type::object) return to_yaml(answer);
  const auto list = [&](std::string_view key) {
    const auto found = answer.find(key);
    return found && found->type() == Type::array ? found : std::nullopt;
  };
  if (const auto links = list("payment_links")) return links_table(answer, *links, width);
  if (const auto payments = list("payments")) return payments_table(answer, *payments, width);
  if (const auto methods = list("payment_link_payment_methods")) return methods_table(*methods, width);
  const auto wrapped = answer.find("payment_link");
  if (wrapped && wrapped->type() == Type::object && answer.size() == 1) return names_and_values(*wrapped, width);
  return names_and_values(answer, width);
}

}  // namespace paylink::cli
