#include "api/list_query.hpp"

#include <charconv>

#include "api/items_json.hpp"

namespace paylink::api {
namespace {

constexpr std::size_t faults_max = 20;
constexpr std::int64_t per_page_max = 100;
constexpr std::int64_t page_max = 1'000'000'000;  // beyond any list, and far from overflow

}  // namespace

ListQuery::ListQuery(std::string_view query) {
  auto pairs = http::parse_pairs(query);
  const auto is_nameless = [](const auto& pair) { return pair.first.empty(); };
  is_broken_ = !pairs || std::ranges::any_of(*pairs, is_nameless);
  if (pairs) pairs_ = *std::move(pairs);
}

void ListQuery::fault(std::string_view code, std::string_view parameter, const std::string& detail) {
  if (faults_.size() >= faults_max) return;
  faults_.push_back(
      {std::string(code), std::string(parameter), std::string(parameter) + " " + detail, FaultSource::query});
}

// `status[0]` is `status[]` to those who number the values of a list, as PHP's http_build_query does.
void ListQuery::forget_numbers(std::string_view name) {
  for (auto& pair : pairs_) {
    std::string_view number = pair.first;
    if (!number.starts_with(name)) continue;
    number.remove_prefix(name.size());
    if (number.size() <= 2 || !number.starts_with('[') || !number.ends_with(']')) continue;
    number = number.substr(1, number.size() - 2);
    if (number.find_first_not_of("0123456789") == std::string_view::npos) pair.first = std::string(name) + "[]";
  }
}

std::string_view ListQuery::either(std::string_view name, std::string_view alias) {
  const auto given = [this](std::string_view wanted) {
    return std::ranges::any_of(pairs_, [&](const auto& pair) { return pair.first == wanted; });
  };
  if (!given(alias)) return name;
  if (given(name)) {
    fault("invalid", alias, "is the same as " + std::string(name) + ": give one of the two");
    std::erase_if(pairs_, [&](const auto& pair) { return pair.first == name; });
  }
  return alias;
}

std::vector<std::string> ListQuery::take_words(std::string_view name) {
  std::vector<std::string> words;
  std::erase_if(pairs_, [&](const auto& pair) {
    if (pair.first != name) return false;
    std::string_view rest = pair.second;
    for (;;) {
      const std::size_t comma = rest.find(',');
      words.emplace_back(rest.substr(0, comma));
      if (comma == std::string_view::npos) return true;
      rest.remove_prefix(comma + 1);
    }
  });
  return words;
}

std::optional<std::string> ListQuery::take_one(std::string_view name) {
  std::optional<std::string> found;
  bool again = false;
  std::erase_if(pairs_, [&](const auto& pair) {
    if (pair.first != name) return false;
    again = again || found.has_value();
    found = pair.second;
    return true;
  });
  if (again) fault("invalid", name, "must be given once");
  return found;
}

std::optional<std::int64_t> ListQuery::take_number(std::string_view name, std::int64_t max) {
  const auto text = take_one(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, number);
  if (text->empty() || stopped != end || error == std::errc::invalid_argument) {
    fault("invalid_format", name, "must be a whole number");
  } else if (error != std::errc() || number < 1 || number > max) {
    fault("out_of_range", name, "must be 1 to " + std::to_string(max));
  } else {
    return number;
  }
  return std::nullopt;
}

Page ListQuery::page() {
  Page page;
  page.number = take_number(either("page", "current_page"), page_max).value_or(page.number);
  page.size = take_number("per_page", per_page_max).value_or(page.size);
  return page;
}

std::optional<std::string> ListQuery::cursor() {
  const auto is = [](std::string_view name) { return [name](const auto& pair) { return pair.first == name; }; };
  for (const std::string_view number : {"page", "current_page"})
    if (std::ranges::any_of(pairs_, is("cursor")) && std::erase_if(pairs_, is(number)) > 0)
      fault("invalid", number, "is another place than the cursor's: give one of the two");
  return take_one("cursor");
}

Metadata ListQuery::metadata(std::size_t pairs_max) {
  constexpr std::string_view start = "metadata[";
  Metadata metadata;
  std::erase_if(pairs_, [&](const auto& pair) {
    const std::string_view parameter = pair.first;
    if (parameter != "metadata" && !parameter.starts_with(start)) return false;
    if (!parameter.starts_with(start) || !parameter.ends_with(']')) {
      fault("invalid", parameter, "must be given as metadata[key]=value");
      return true;
    }
    const std::string_view name = parameter.substr(start.size(), parameter.size() - start.size() - 1);
    if (!is_metadata_name(name))
      fault("invalid_format", parameter, "must name a key of 1 to 40 letters, digits, _, . and -");
    else if (std::ranges::count(metadata, name, &MetadataPair::name) > 0)
      fault("invalid", parameter, "must be given once");
    else
      metadata.push_back({std::string(name), pair.second});
    return true;
  });
  if (metadata.size() > pairs_max)
    fault("out_of_range", "metadata", "must be given for at most " + std::to_string(pairs_max) + " keys");
  return metadata;
}

std::optional<Money> ListQuery::amount() {
  const auto value = take_one("amount"), code = take_one("currency");
  if (value.has_value() != code.has_value()) {
    fault("missing_field", value ? "currency" : "amount", "is required: amount and currency belong together");
    return std::nullopt;
  }
  if (!value) return std::nullopt;
  const auto currency = Currency::parse(*code);
  if (!currency) {
    fault("not_in_list", "currency", currency_advice(*code));
    return std::nullopt;
  }
  const auto money = Money::parse_decimal(*value, *currency);
  if (money && money->minor_units() > 0) return *money;
  if (money || money.error().reason == "amount_out_of_range")
    fault("out_of_range", "amount", "must be more than zero, and at most what a link may cost");
  else
    fault("invalid_format", "amount", "must be a decimal such as 13.30, with no more decimals than the currency has");
  return std::nullopt;
}

std::string ListQuery::locale() {
  const auto text = take_one("locale");
  if (!text) return {};
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_large = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string& l = *text;
  if (l.size() == 5 && is_small(l[0]) && is_small(l[1]) && (l[2] == '_' || l[2] == '-') && is_large(l[3]) &&
      is_large(l[4]))
    return l.substr(0, 2) + "_" + l.substr(3);
  fault("invalid_format", "locale", "must be a language and a country, such as nl_NL");
  return {};
}

Result<> ListQuery::result() {
  if (is_broken_) return fail(ErrorCode::invalid_input, "bad_request", "The query is not well formed.");
  for (const auto& pair : pairs_) {
    const bool known = std::ranges::any_of(faults_, [&](const Fault& fault) { return fault.where == pair.first; });
    if (!known) fault("invalid", pair.first, "is not a parameter of this request");
  }
  if (faults_.empty()) return {};
  return Failure{Error{ErrorCode::invalid_input, "bad_request", faults_.front().detail, {}, std::move(faults_)}};
}

void write_meta(json::Writer& json, const Page& page, std::int64_t total, std::optional<bool> has_more) {
  const std::int64_t pages = (total + page.size - 1) / page.size;
  const auto page_or_null = [&](std::string_view name, std::int64_t number, bool is_there) {
    if (is_there)
      json.integer(name, number);
    else
      json.null(name);
  };
  json.key("meta").begin_object().integer("current_page", page.number);
  page_or_null("next_page", page.number + 1, has_more.value_or(page.number < pages));
  page_or_null("prev_page", page.number - 1, page.number > 1 && page.number - 1 <= pages);
  json.integer("total_pages", pages).integer("total_count", total).integer("per_page", page.size).end_object();
}

void write_cursor_meta(json::Writer& json, const std::optional<std::string>& next, std::int64_t per_page) {
  json.key("meta").begin_object();
  if (next)
    json.text("next_cursor", *next);
  else
    json.null("next_cursor");
  json.integer("per_page", per_page).end_object();
}

}  // namespace paylink::api
