#include "simulator/card_form.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/ascii.hpp"
#include "http/request.hpp"

namespace paylink::simulator {
namespace {

constexpr std::size_t holder_bytes_max = 100;
constexpr int years_ahead_max = 20;

bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// Numbers are typed in groups.
std::string without_gaps(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' && c != '-') result += c;
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "9/27", "09 / 27" and "09/2027" are all September 2027.
std::optional<std::chrono::year_month> read_month(std::string_view typed) {
  const std::string text = without_gaps(typed);
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::string month = text.substr(0, slash), year = text.substr(slash + 1);
  if (month.empty() || month.size() > 2 || (year.size() != 2 && year.size() != 4)) return std::nullopt;
  if (!all_digits(month) || !all_digits(year)) return std::nullopt;
  const int written = std::stoi(year);
  const std::chrono::year_month result{std::chrono::year(year.size() == 2 ? 2000 + written : written),
                                       std::chrono::month(static_cast<unsigned>(std::stoi(month)))};
  return result.ok() ? std::optional(result) : std::nullopt;
}

std::string month_text(std::chrono::year_month month) {
  const auto two = [](int number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
  return two(static_cast<int>(static_cast<unsigned>(month.month()))) + "/" + two(static_cast<int>(month.year()) % 100);
}

void read_number(CardForm& form, const std::string& digits) {
  if (digits.empty()) return form.faults.push_back(CardFault::number_missing);
  if (!is_card_number(digits)) return form.faults.push_back(CardFault::number_invalid);
  form.card = find_card_of_number(digits);
  if (form.card == nullptr) form.faults.push_back(CardFault::number_not_test);
}

void read_expiry(CardForm& form, std::string_view typed, Time now) {
  using std::chrono::years;
  const auto month = read_month(typed);
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const std::chrono::year_month this_month{today.year(), today.month()};
  if (!month || *month > this_month + years(years_ahead_max)) return form.faults.push_back(CardFault::expiry_invalid);
  if (*month < this_month) return form.faults.push_back(CardFault::expiry_past);
  form.expiry = month_text(*month);
}

// American Express prints four digits, the others three.
void read_cvc(CardForm& form, const std::string& cvc, bool amex) {
  if (cvc.size() == (amex ? 4U : 3U) && all_digits(cvc)) return;
  form.faults.push_back(amex ? CardFault::cvc_invalid_amex : CardFault::cvc_invalid);
}

// A name has no digits, so that no number is kept or shown again that was typed into the wrong field.
void read_holder(CardForm& form, std::string_view typed) {
  const std::string_view name = trimmed(typed);
  const bool sane = !name.empty() && name.size() <= holder_bytes_max && std::ranges::none_of(name, [](char c) {
    return is_digit(c) || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (!sane) return form.faults.push_back(CardFault::holder_invalid);
  form.holder = name;
}

}  // namespace

Result<CardForm> read_card_form(std::string_view body, Time now) {
  const auto pairs = http::parse_pairs(body);
  std::optional<std::string> number, expiry, cvc, holder;
  const auto place_of = [&](std::string_view name) -> std::optional<std::string>* {
    if (name == "number") return &number;
    if (name == "expiry") return &expiry;
    if (name == "cvc") return &cvc;
    return name == "holder" ? &holder : nullptr;
  };
  bool sane = pairs.has_value();
  for (std::size_t i = 0; sane && i < pairs->size(); ++i) {
    auto* const place = place_of((*pairs)[i].first);
    sane = place != nullptr && !place->has_value();
    if (sane) *place = (*pairs)[i].second;
  }
  if (!sane) return fail(ErrorCode::invalid_input, "bad_request", "The body is not that of the card's form");

  CardForm form;
  const std::string digits = without_gaps(number.value_or(""));
  read_number(form, digits);
  read_expiry(form, expiry.value_or(""), now);
  read_cvc(form, without_gaps(cvc.value_or("")), digits.starts_with("34") || digits.starts_with("37"));
  read_holder(form, holder.value_or(""));
  return form;
}

}  // namespace paylink::simulator
