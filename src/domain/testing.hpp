#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "domain/vat.hpp"

// What a basket comes to, in exact rationals: written from the rules (docs, EN 16931) rather than from the code.
namespace paylink::testing {

using Rational = boost::multiprecision::cpp_rational;
using Integer = boost::multiprecision::cpp_int;

// What becomes of a half: away from zero, as the rules say; to the even neighbour, for a control that must not agree.
enum class Halves : std::uint8_t { up, even };

inline Integer rounded(const Rational& value, Halves halves) {
  const Integer top = abs(numerator(value)), bottom = denominator(value);
  Integer whole = top / bottom;
  const Integer twice_rest = 2 * (top % bottom);
  const bool is_half = twice_rest == bottom;
  if (twice_rest > bottom || (is_half && (halves == Halves::up || whole % 2 == 1))) ++whole;
  return value < 0 ? Integer(-whole) : whole;
}

inline Item item_of(std::int64_t price_minor, std::int64_t quantity_millionths, std::int64_t rate_millionths) {
  return {.title = "Item",
          .type = std::nullopt,
          .description = std::nullopt,
          .quantity = *Quantity::of_millionths(quantity_millionths),
          .measure_unit = std::nullopt,
          .unit_price = *SignedMoney::of_minor(price_minor, *Currency::parse("EUR")),
          .vat_rate = *VatRate::parse(print_decimal(rate_millionths, 4, Zeros::trimmed))};
}

// "21: 10 + 2 = 12; total 12" in minor units, or why there is none.
inline std::string told(const Result<VatTable>& table) {
  if (!table) return table.error().reason;
  std::string text;
  for (const VatRow& row : table->rows)
    text += row.rate.percent() + ": " + std::to_string(row.net.minor_units()) + " + " +
            std::to_string(row.vat.minor_units()) + " = " + std::to_string(row.gross.minor_units()) + "; ";
  return text + "total " + std::to_string(table->total.minor_units());
}

// The same from the oracle.
inline std::string expected(std::span<const Item> items, VatRounding rounding, Halves halves = Halves::up) {
  struct Sums {
    Integer net, gross;
    const Item* item;
  };
  const auto beyond = [](const Integer& minor) {
    return minor > amount_minor_max || minor < -Integer(amount_minor_max);
  };
  const auto rate_of = [](const Item& item) { return Rational(item.vat_rate.millionths(), 1'000'000); };
  std::map<std::int64_t, Sums> by_rate;
  for (const Item& item : items) {
    const Rational exact = Rational(item.unit_price.minor_units()) * Rational(item.quantity.millionths(), 1'000'000);
    const Integer net = rounded(exact, halves), gross = rounded(exact * (1 + rate_of(item)), halves);
    if (beyond(net) || beyond(gross)) return "amount_out_of_range";
    Sums& sums = by_rate[item.vat_rate.millionths()];
    sums.net += net;
    sums.gross += gross;
    sums.item = &item;
  }
  Integer total = 0;
  std::string text;
  for (const auto& [rate, sums] : by_rate) {
    const Integer vat_of_sum = rounded(Rational(sums.net) * rate_of(*sums.item), halves);
    const Integer gross = rounding == VatRounding::line ? sums.gross : sums.net + vat_of_sum;
    if (beyond(sums.net) || beyond(gross) || beyond(gross - sums.net)) return "amount_out_of_range";
    total += gross;
    text += sums.item->vat_rate.percent() + ": " + sums.net.str() + " + " + Integer(gross - sums.net).str() + " = " +
            gross.str() + "; ";
  }
  if (total <= 0) return "total_not_positive";
  if (beyond(total)) return "amount_out_of_range";
  return text + "total " + total.str();
}

// Baskets at random, of one to six lines, as one of the standard library's engines chooses.
template <class Engine>
class Baskets {
 public:
  explicit Baskets(Engine engine) : engine_(engine) {}

  std::vector<Item> next() {
    std::vector<Item> items;
    const auto size = between(1, 6);
    for (std::int64_t i = 0; i < size; ++i) items.push_back(item());
    return items;
  }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  // Small, middling and extreme numbers alike.
  std::int64_t magnitude(std::int64_t max) {
    std::int64_t limit = 10;
    for (auto digits = between(0, 15); digits > 0 && limit < max / 10; --digits) limit *= 10;
    return between(0, std::min(limit, max));
  }
  Item item() {
    constexpr std::int64_t rates[] = {0, 5'500, 10'000, 20'000, 55'000, 100'000, 200'000, 210'000, 1'000'000};
    const auto rate = between(0, 3) == 0 ? between(0, 1'000'000) : rates[between(0, 8)];
    const auto quantity = between(0, 2) == 0 ? 1 + magnitude(Quantity::max - 1) : between(1, 20) * Quantity::one / 2;
    const auto price = magnitude(amount_minor_max) * (between(0, 4) == 0 ? -1 : 1);
    return item_of(price, quantity, rate);
  }

  Engine engine_;
};

}  // namespace paylink::testing
