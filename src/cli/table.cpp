#include "cli/table.hpp"

#include <algorithm>

#include "cli/terminal.hpp"
#include "cli/yaml.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t column_gap = 2;
constexpr std::size_t column_width_min = 6;

// Makes columns fit: the first is what one copies and stays whole, the last that has room for something is narrowed,
// and those after it go.
void fit(std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::size_t left = width > used ? width - used : 0;
    if (i > 0 && widths[i] > left) {
      widths.resize(left < column_width_min ? i : i + 1);
      if (left >= column_width_min) widths[i] = left;
      return;
    }
    used += widths[i] + column_gap;
  }
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
  if (link.type() != Type::object) return "-";
  if (const auto number = link.find("invoice_number"); number && number->type() == Type::text)
    return harmless(number->text());
  const auto items = link.find("items");
  if (!items || items->type() != Type::array || items->size() == 0) return "-";
  const std::string first = text_at(*items->children().begin(), "title");
  return items->size() == 1 ? first : first + " and " + std::to_string(items->size() - 1) + " more";
}

// A page that is not there any more, or never was.
std::optional<std::string> past_the_end(Value meta) {
  const auto page = meta.find("current_page"), pages = meta.find("total_pages");
  if (!page || !pages || page->type() != Type::number || pages->type() != Type::number) return std::nullopt;
  const std::string number = page->decimal(), last = pages->decimal();
  const bool beyond = number.size() > last.size() || (number.size() == last.size() && number > last);
  if (!beyond) return std::nullopt;
  return "nothing on page " + number + ": the last is " + last + "\n";
}

// Of a list by cursor, and of one without pages, it is only known that there is nothing in it.
std::string page_of(Value answer, Value list) {
  const auto meta = answer.find("meta");
  if (!meta || meta->type() != Type::object) return {};
  if (text_at(*meta, "total_count") == "0") return "none\n";
  if (text_at(*meta, "current_page") == "-")
    return list.size() == 0 && text_at(*meta, "next_cursor") == "-" ? "none\n" : "";
  if (const auto past = past_the_end(*meta)) return *past;
  return "page " + text_at(*meta, "current_page") + " of " + text_at(*meta, "total_pages") + ", " +
         text_at(*meta, "total_count") + " in all\n";
}

std::string links_table(Value answer, Value links, std::size_t width) {
  Rows rows;
  for (const Value link : links.children())
    rows.push_back({text_at(link, "id"), text_at(link, "status"), text_at(link, "amount"), subject_of(link),
                    text_at(link, "expiration_date"), text_at(link, "created_at")});
  return table({"ID", "STATUS", "AMOUNT", "FOR", "EXPIRES", "CREATED"}, rows, width) + page_of(answer, links);
}

// A column that would be empty is left out.
constexpr std::pair<std::string_view, std::string_view> given_back[] = {{"REFUNDED", "amount_refunded"},
                                                                        {"CHARGED BACK", "amount_charged_back"}};

std::string payments_table(Value answer, Value payments, std::size_t width) {
  std::vector<std::string> heads{"ID", "STATUS", "AMOUNT"};
  std::vector<std::string_view> members{"id", "status", "amount"};
  for (const auto& [head, member] : given_back) {
    bool is_empty = true;
    for (const Value payment : payments.children()) is_empty = is_empty && text_at(payment, member) == "-";
    if (is_empty) continue;
    heads.emplace_back(head);
    members.push_back(member);
  }
  for (const std::string_view head : {"METHOD", "BY", "PAID", "BEGUN"}) heads.emplace_back(head);
  for (const std::string_view member : {"payment_method", "debitor_email", "paid_at", "created_at"})
    members.push_back(member);
  Rows rows;
  for (const Value payment : payments.children()) {
    rows.emplace_back();
    for (const std::string_view member : members) rows.back().push_back(text_at(payment, member));
  }
  return table(heads, rows, width) + page_of(answer, payments);
}

std::string refunds_table(Value answer, Value refunds, std::size_t width) {
  Rows rows;
  for (const Value refund : refunds.children())
    rows.push_back({text_at(refund, "id"), text_at(refund, "status"), text_at(refund, "amount"),
                    text_at(refund, "reason"), text_at(refund, "created_at")});
  return table({"ID", "STATUS", "AMOUNT", "REASON", "ASKED FOR"}, rows, width) + page_of(answer, refunds);
}

std::string chargebacks_table(Value answer, Value chargebacks, std::size_t width) {
  Rows rows;
  for (const Value chargeback : chargebacks.children())
    rows.push_back({text_at(chargeback, "id"), text_at(chargeback, "amount"), text_at(chargeback, "created_at"),
                    text_at(chargeback, "reversed_at")});
  return table({"ID", "AMOUNT", "TAKEN BACK", "GIVEN UP"}, rows, width) + page_of(answer, chargebacks);
}

std::string methods_table(Value methods, std::size_t width) {
  Rows rows;
  for (const Value method : methods.children()) rows.push_back({text_at(method, "name"), text_at(method, "enabled")});
  return table({"METHOD", "ENABLED"}, rows, width);
}

// Never cut: a link's URL is there to be copied.
std::string names_and_values(Value object) {
  Rows rows;
  for (const Value member : object.children()) {
    if (member.key() == "payment_link") continue;  // the same once more
    const std::string key(member.key());
    rows.push_back({harmless(key), key == "items" && !member.is_null() ? subject_of(object) : text_at(object, key)});
  }
  return table({}, rows, 0);
}

}  // namespace

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
  if (width > 0) fit(widths, width);
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < std::min(line.size(), widths.size()); ++i) {
      const std::string shown = cut(line[i], widths[i]);
      text += shown + std::string(widths[i] - std::min(widths[i], width_of(shown)) + column_gap, ' ');
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
  if (const auto refunds = list("refunds")) return refunds_table(answer, *refunds, width);
  if (const auto chargebacks = list("chargebacks")) return chargebacks_table(answer, *chargebacks, width);
  if (const auto methods = list("payment_link_payment_methods")) return methods_table(*methods, width);
  for (const std::string_view name : {"payment_link", "refund"}) {
    const auto wrapped = answer.find(name);
    if (wrapped && wrapped->type() == Type::object && answer.size() == 1) return names_and_values(*wrapped);
  }
  return names_and_values(answer);
}

}  // namespace paylink::cli
