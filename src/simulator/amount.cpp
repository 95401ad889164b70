#include "simulator/amount.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace paylink::simulator {
namespace {

constexpr std::int64_t minor_max = 99'999'999'999;

// ISO 4217; what is not listed has two.
std::size_t decimals(std::string_view currency) {
  constexpr std::array<std::string_view, 16> none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                                  "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
  constexpr std::array<std::string_view, 7> three{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  if (std::ranges::find(none, currency) != none.end()) return 0;
  return std::ranges::find(three, currency) != three.end() ? 3 : 2;
}

}  // namespace

std::optional<Amount> parse_amount(std::string_view value, std::string_view currency) {
  if (currency.size() != 3 || !std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; })) return {};
  const std::size_t fraction = decimals(currency);
  const std::size_t point = fraction == 0 ? value.size() : value.size() - std::min(value.size(), fraction + 1);
  if (point == 0 || value.size() > 16 || (point > 1 && value[0] == '0')) return {};
  Amount amount{0, std::string(currency)};
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i == point && value[i] == '.') continue;
    if (i == point || !is_digit(value[i])) return {};
    amount.minor = amount.minor * 10 + (value[i] - '0');
  }
  if (amount.minor > minor_max) return {};
  return amount;
}

std::string decimal(const Amount& amount) {
  const std::size_t fraction = decimals(amount.currency);
  std::string digits = std::to_string(amount.minor);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  if (fraction > 0) digits.insert(digits.size() - fraction, 1, '.');
  return digits;
}

}  // namespace paylink::simulator
