#include "simulator/lines.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "simulator/copy_json.hpp"
#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

using json::Type;
using json::Value;

constexpr std::int64_t quantity_max = 1'000'000;  // far from what would overflow
constexpr std::size_t sku_bytes_max = 64;
constexpr std::string_view line_types[] = {"physical",     "digital",   "shipping_fee", "discount",
                                           "store_credit", "gift_card", "surcharge"};
constexpr std::string_view negative_types[] = {"discount", "store_credit", "gift_card"};

Failure bad_lines(std::string detail) { return unprocessable("lines", std::move(detail)); }

std::optional<Value> line_member(Value line, std::string_view key) {
  const auto found = line.find(key);
  return found && !found->is_null() ? found : std::nullopt;
}

// In minor units of the payment's currency; may be negative.
std::optional<std::int64_t> read_minor(Value amount, const Amount& total) {
  if (amount.type() != Type::object) return std::nullopt;
  const auto value = amount.find("value"), currency = amount.find("currency");
  if (!value || !currency || value->type() != Type::text || currency->type() != Type::text) return std::nullopt;
  if (currency->text() != total.currency) return std::nullopt;
  std::string_view text = value->text();
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative ? 1 : 0);
  const auto parsed = parse_amount(text, total.currency);
  if (!parsed) return std::nullopt;
  return negative ? -parsed->minor : parsed->minor;
}

Result<std::int64_t> amount_of(Value line, std::string_view key, const Amount& total) {
  const auto amount = line_member(line, key);
  const auto minor = amount ? read_minor(*amount, total) : std::nullopt;
  if (!minor) return bad_lines("A line needs its " + std::string(key) + " in the currency of the payment");
  return *minor;
}

// "21.00" in hundredths of a percent.
std::optional<std::int64_t> read_rate(Value rate) {
  if (rate.type() != Type::text) return std::nullopt;
  const auto parsed = parse_amount(rate.text(), "EUR");
  constexpr std::int64_t whole = 10'000;
  return parsed && parsed->minor <= whole ? std::optional(parsed->minor) : std::nullopt;
}

// Half a cent goes away from zero.
std::int64_t vat_of(std::int64_t gross, std::int64_t rate) {
  const std::int64_t divisor = 10'000 + rate, product = gross * rate;
  return (2 * product + (product < 0 ? -divisor : divisor)) / (2 * divisor);
}

Result<> check_vat(Value line, std::int64_t gross, const Amount& total) {
  const auto rate = line_member(line, "vatRate"), vat = line_member(line, "vatAmount");
  if (!rate && !vat) return {};
  const auto hundredths = rate ? read_rate(*rate) : std::nullopt;
  if (!hundredths) return bad_lines("The vatRate of a line has to be a text such as \"21.00\"");
  if (!vat) return {};
  const auto minor = TRY(amount_of(line, "vatAmount", total));
  if (minor != vat_of(gross, *hundredths))
    return bad_lines("The vatAmount of a line has to be totalAmount * vatRate / (100 + vatRate)");
  return {};
}

Result<> check_kind(Value line, std::int64_t unit_price) {
  const auto type = line_member(line, "type"), sku = line_member(line, "sku");
  const std::string_view name = type && type->type() == Type::text ? type->text() : "";
  if (type && std::ranges::find(line_types, name) == std::end(line_types))
    return bad_lines("The type of a line is invalid");
  if (unit_price < 0 && std::ranges::find(negative_types, name) == std::end(negative_types))
    return bad_lines("Only discounts, store credit and gift cards have a negative unitPrice");
  if (sku && (sku->type() != Type::text || sku->text().size() > sku_bytes_max))
    return bad_lines("The sku of a line is longer than 64 characters");
  return {};
}

// What it adds to the payment.
Result<std::int64_t> read_line(Value line, const Amount& total) {
  if (line.type() != Type::object) return bad_lines("A line is not an object");
  const auto description = line_member(line, "description"), quantity = line_member(line, "quantity");
  if (!description || description->type() != Type::text || description->text().empty())
    return bad_lines("A line needs a description");
  const auto count = quantity && quantity->type() == Type::number ? quantity->integer() : std::nullopt;
  if (!count || *count < 1 || *count > quantity_max)
    return bad_lines("The quantity of a line is a whole number from 1");
  const auto unit_price = TRY(amount_of(line, "unitPrice", total));
  const auto gross = TRY(amount_of(line, "totalAmount", total));
  std::int64_t discount = 0;
  if (line_member(line, "discountAmount")) discount = TRY(amount_of(line, "discountAmount", total));
  if (gross != unit_price * *count - discount)
    return bad_lines("The totalAmount of a line has to be unitPrice * quantity - discountAmount");
  TRY(check_kind(line, unit_price));
  TRY(check_vat(line, gross, total));
  return gross;
}

}  // namespace

Result<std::string> read_lines(Value payment, const Amount& total) {
  const auto lines = line_member(payment, "lines");
  if (!lines) return std::string();
  if (lines->type() != Type::array || lines->size() == 0) return bad_lines("The lines are not an array of objects");
  std::int64_t sum = 0;
  for (const Value line : lines->children()) sum += TRY(read_line(line, total));
  if (sum != total.minor) return bad_lines("The totalAmount of all lines together has to be the amount of the payment");
  return json_text(*lines);
}

}  // namespace paylink::simulator
