#include "domain/decimal.hpp"

#include "base/ascii.hpp"
#include "base/ensure.hpp"

namespace paylink {
namespace {

constexpr std::int64_t largest = INT64_MAX;

Failure invalid_decimal() { return fail(ErrorCode::invalid_input, "invalid_decimal", "This is not a decimal number."); }

Failure out_of_range(const char* reason) {
  return fail(ErrorCode::invalid_input, reason, "This number is out of range.");
}

bool all_digits(std::string_view text) {
  for (const char c : text)
    if (!is_digit(c)) return false;
  return !text.empty();
}

// Appends a decimal digit; false when the value would not fit.
bool push_digit(std::int64_t& value, int digit) {
  if (value > (largest - digit) / 10) return false;
  value = value * 10 + digit;
  return true;
}

}  // namespace

Result<std::int64_t> parse_decimal(std::string_view text, DecimalSyntax syntax) {
  const bool negative = syntax.minus == Sign::allowed && !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (!all_digits(whole) || (whole.size() > 1 && whole.front() == '0')) return invalid_decimal();
  if (point != std::string_view::npos && !all_digits(fraction)) return invalid_decimal();
  const auto decimals = static_cast<std::size_t>(syntax.decimals);
  if (fraction.size() > decimals) return invalid_decimal();

  std::int64_t value = 0;
  bool fits = true;
  for (const char c : whole) fits = fits && push_digit(value, c - '0');
  for (std::size_t i = 0; i < decimals; ++i)
    fits = fits && push_digit(value, i < fraction.size() ? fraction[i] - '0' : 0);
  if (!fits) return out_of_range("decimal_out_of_range");
  return negative ? -value : value;
}

std::string print_decimal(std::int64_t scaled, int decimals, Zeros zeros) {
  ENSURE(scaled != INT64_MIN && decimals >= 0);
  std::string text = std::to_string(scaled < 0 ? -scaled : scaled);
  const auto places = static_cast<std::size_t>(decimals);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  if (places > 0) {
    text.insert(text.size() - places, 1, '.');
    if (zeros == Zeros::trimmed) {
      while (text.back() == '0') text.pop_back();
      if (text.back() == '.') text.pop_back();
    }
  }
  if (scaled < 0) text.insert(0, 1, '-');
  return text;
}

Result<Quantity> Quantity::of_millionths(std::int64_t millionths) {
  if (millionths <= 0 || millionths > max) return out_of_range("quantity_out_of_range");
  return Quantity(millionths);
}

Result<Quantity> Quantity::parse(std::string_view text) {
  auto millionths = parse_decimal(text, {.decimals = decimals, .minus = Sign::allowed});
  if (!millionths && millionths.error().reason == "decimal_out_of_range") return out_of_range("quantity_out_of_range");
  if (!millionths) return std::move(millionths).failure();
  return of_millionths(*millionths);
}

Result<VatRate> VatRate::parse(std::string_view text, VatRateUnit unit) {
  // A minus sign is understood so that it is reported as what it is: out of range.
  auto millionths = parse_decimal(text, {.decimals = unit == VatRateUnit::percent ? 4 : 6, .minus = Sign::allowed});
  if (!millionths && millionths.error().reason == "decimal_out_of_range") return out_of_range("vat_rate_out_of_range");
  if (!millionths) return std::move(millionths).failure();
  const bool minus_zero = *millionths == 0 && text.front() == '-';
  if (minus_zero) return invalid_decimal();
  if (*millionths < 0 || *millionths > hundred_percent) return out_of_range("vat_rate_out_of_range");
  return VatRate(*millionths);
}

}  // namespace paylink
