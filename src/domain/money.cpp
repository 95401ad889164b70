#include "domain/money.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "domain/decimal.hpp"

namespace paylink {
namespace {

struct CurrencyRow {
  char code[4];
  int exponent;
};

// ISO 4217 list one (published by SIX, as of 2025), in order: what people pay with. Left out: precious metals, bond
// market units, special drawing rights, accounting units of banks, test codes and funds codes, but not the indexed
// units CLF and UYW.
constexpr CurrencyRow currencies[] = {
    // clang-format off
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2}, {"AZN", 2},
    {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2}, {"BOB", 2},
    {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHF", 2},
    {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0},
    {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2},
    {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2},
    {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0},
    {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0},
    {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3},
    {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2},
    {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2},
    {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2},
    {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2},
    {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2},
    {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2},
    {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UYW", 4}, {"UZS", 2},
    {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0},
    {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
    // clang-format on
};

static_assert(std::size(currencies) <= 255);
static_assert(std::ranges::is_sorted(currencies, {},
                                     [](const CurrencyRow& row) { return std::string_view(row.code); }));

Failure invalid_amount() { return fail(ErrorCode::invalid_input, "invalid_decimal", "This is not an amount."); }

Failure amount_out_of_range() {
  return fail(ErrorCode::invalid_input, "amount_out_of_range", "This amount is out of range.");
}

Failure currency_mismatch() {
  return fail(ErrorCode::invalid_input, "currency_mismatch", "The amounts are of different currencies.");
}

Result<std::int64_t> parse_minor(std::string_view text, Currency currency) {
  auto minor = parse_decimal(text, {.decimals = currency.exponent(), .minus = Sign::allowed});
  if (minor) return *minor;
  if (minor.error().reason == "decimal_out_of_range") return amount_out_of_range();
  return invalid_amount();
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) {
  const auto by_code = [](const CurrencyRow& row) { return std::string_view(row.code, 3); };
  const auto* found = std::ranges::lower_bound(currencies, code, {}, by_code);
  if (found == std::end(currencies) || by_code(*found) != code) return std::nullopt;
  return Currency(static_cast<std::uint8_t>(found - std::begin(currencies)));
}

std::string_view Currency::code() const { return currencies[index_].code; }

int Currency::exponent() const { return currencies[index_].exponent; }

std::span<const std::string_view> Currency::codes() {
  static const auto all = [] {
    std::array<std::string_view, std::size(currencies)> codes;
    std::ranges::transform(currencies, codes.begin(),
                           [](const CurrencyRow& row) { return std::string_view(row.code); });
    return codes;
  }();
  return all;
}

Result<Money> Money::of_minor(std::int64_t minor_units, Currency currency) {
  if (minor_units < 0 || minor_units > amount_minor_max) return amount_out_of_range();
  return Money(minor_units, currency);
}

Result<Money> Money::parse_decimal(std::string_view text, Currency currency) {
  const auto minor = TRY(parse_minor(text, currency));
  if (minor == 0 && text.front() == '-') return invalid_amount();
  return of_minor(minor, currency);
}

std::string Money::decimal() const { return print_decimal(minor_units_, currency_.exponent(), Zeros::kept); }

Result<Money> Money::plus(Money other) const {
  if (other.currency_ != currency_) return currency_mismatch();
  return of_minor(minor_units_ + other.minor_units_, currency_);
}

Result<Money> Money::minus(Money other) const {
  if (other.currency_ != currency_) return currency_mismatch();
  return of_minor(minor_units_ - other.minor_units_, currency_);
}

Result<SignedMoney> SignedMoney::of_minor(std::int64_t minor_units, Currency currency) {
  if (minor_units < -amount_minor_max || minor_units > amount_minor_max) return amount_out_of_range();
  return SignedMoney(minor_units, currency);
}

Result<SignedMoney> SignedMoney::parse_decimal(std::string_view text, Currency currency) {
  return of_minor(TRY(parse_minor(text, currency)), currency);
}

std::string SignedMoney::decimal() const { return print_decimal(minor_units_, currency_.exponent(), Zeros::kept); }

}  // namespace paylink
