// Decimals, money, quantities and VAT rates (domain), and the simulator's amounts, which must mean the same money. A
// line is a price, a quantity and a rate; what they come to is computed a second time in 128 bits.
#include <algorithm>
#include <string>

#include "domain/decimal.hpp"
#include "domain/money.hpp"
#include "domain/vat.hpp"
#include "input.hpp"
#include "simulator/amount.hpp"

namespace paylink {
namespace {

__extension__ using Wide = __int128;

Currency currency(std::string_view code) {
  const auto found = Currency::parse(code);
  ENSURE(found.has_value());
  return *found;
}

// The same number without needless zeros and without the sign of zero.
std::string plain(std::string_view text) {
  std::string number(text);
  if (number.find('.') != std::string::npos) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
  }
  return number == "-0" ? "0" : number;
}

void check_decimal(std::string_view text) {
  for (int decimals = 0; decimals <= 6; ++decimals) {
    const auto scaled = parse_decimal(text, {.decimals = decimals, .minus = Sign::allowed});
    if (!scaled) continue;
    ENSURE(print_decimal(*scaled, decimals, Zeros::trimmed) == plain(text));
    const std::string kept = print_decimal(*scaled, decimals, Zeros::kept);
    const auto again = parse_decimal(kept, {.decimals = decimals, .minus = Sign::allowed});
    ENSURE(again.has_value() && *again == *scaled && plain(kept) == plain(text));
    const auto unsigned_too = parse_decimal(text, {.decimals = decimals});
    ENSURE(unsigned_too.has_value() == !text.starts_with('-'));
  }
}

void check_money(std::string_view text, Currency in) {
  const auto money = Money::parse_decimal(text, in);
  const auto signed_money = SignedMoney::parse_decimal(text, in);
  if (money) {
    ENSURE(money->minor_units() >= 0 && money->minor_units() <= amount_minor_max &&
           plain(money->decimal()) == plain(text));
    ENSURE(signed_money.has_value() && signed_money->minor_units() == money->minor_units());
    ENSURE(*Money::parse_decimal(money->decimal(), in) == *money);
  }
  if (signed_money) {
    ENSURE(std::abs(signed_money->minor_units()) <= amount_minor_max && plain(signed_money->decimal()) == plain(text));
    ENSURE(money.has_value() == !text.starts_with('-'));
  }
  const auto simulated = simulator::parse_amount(text, in.code());
  ENSURE(simulated.has_value() == (money.has_value() && money->decimal() == text));
  if (simulated) ENSURE(simulated->minor == money->minor_units() && simulator::decimal(*simulated) == text);
}

void check_quantity(std::string_view text) {
  const auto quantity = Quantity::parse(text);
  if (!quantity) return;
  ENSURE(quantity->millionths() > 0 && quantity->millionths() <= Quantity::max && quantity->decimal() == plain(text));
  ENSURE(*Quantity::parse(quantity->decimal()) == *quantity);
}

void check_rate(std::string_view text) {
  for (const VatRateUnit unit : {VatRateUnit::percent, VatRateUnit::fraction}) {
    const auto rate = VatRate::parse(text, unit);
    if (!rate) continue;
    ENSURE(rate->millionths() >= 0 && rate->millionths() <= VatRate::hundred_percent);
    ENSURE(*VatRate::parse(rate->percent()) == *rate);
    const std::string fraction = print_decimal(rate->millionths(), 6, Zeros::trimmed);
    ENSURE(*VatRate::parse(fraction, VatRateUnit::fraction) == *rate);
    ENSURE(plain(text) == (unit == VatRateUnit::percent ? rate->percent() : fraction));
  }
}

// numerator / denominator, a half going away from zero.
Wide rounded(Wide numerator, Wide denominator) {
  const Wide half = denominator / 2;
  return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

void check_cost(const Result<SignedMoney>& cost, Wide expected) {
  const bool fits = expected <= amount_minor_max && expected >= -amount_minor_max;
  ENSURE(cost.has_value() == fits);
  if (cost) ENSURE(cost->minor_units() == expected);
}

void check_line(std::string_view line, Currency in) {
  const std::size_t first = std::min(line.find(' '), line.size());
  const std::size_t second = std::min(line.find(' ', first + 1), line.size());
  const auto price = SignedMoney::parse_decimal(line.substr(0, first), in);
  const auto quantity = Quantity::parse(line.substr(std::min(first + 1, second), second - std::min(first + 1, second)));
  const auto rate = VatRate::parse(line.substr(std::min(second + 1, line.size())));
  if (!price || !quantity || !rate) return;
  const VatLine vat{.quantity = *quantity, .unit_price = *price, .vat_rate = *rate};
  const Wide net = Wide{price->minor_units()} * quantity->millionths();
  check_cost(net_of(vat), rounded(net, 1'000'000));
  check_cost(gross_of(vat), rounded(net * (1'000'000 + rate->millionths()), Wide{1'000'000} * 1'000'000));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  static const Currency currencies[] = {currency("EUR"), currency("JPY"), currency("TND")};
  const std::string_view text = fuzz::text_of(data, size);
  for (const Currency in : currencies) {
    check_line(text, in);
    check_money(text.substr(0, text.find(' ')), in);
  }
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1)) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    check_decimal(word);
    check_quantity(word);
    check_rate(word);
  }
  return 0;
}
