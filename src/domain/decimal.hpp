#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink {

enum class Sign : std::uint8_t { refused, allowed };

struct DecimalSyntax {
  int decimals;  // the scale of the result, and the most digits allowed after the point
  Sign minus = Sign::refused;
};

// The decimal `text` times ten to the power of `decimals`, exactly. Digits, then optionally a point and 1 to `decimals`
// digits; no plus sign, no exponent, no space, no leading zero but that of "0" and "0.5". Fails with `invalid_decimal`,
// or with `decimal_out_of_range` when the value does not fit in 63 bits.
Result<std::int64_t> parse_decimal(std::string_view text, DecimalSyntax syntax);

enum class Zeros : std::uint8_t { kept, trimmed };

// The inverse: with exactly `decimals` digits after the point, or without trailing zeros there.
std::string print_decimal(std::int64_t scaled, int decimals, Zeros zeros);

// How many of an item: more than 0, at most 999,999,999, in millionths.
class Quantity {
 public:
  static constexpr int decimals = 6;
  static constexpr std::int64_t one = 1'000'000;
  static constexpr std::int64_t max = 999'999'999 * one;

  // Both fail with `quantity_out_of_range`; parse fails with `invalid_decimal` too.
  static Result<Quantity> of_millionths(std::int64_t millionths);
  static Result<Quantity> parse(std::string_view text);

  std::int64_t millionths() const { return millionths_; }
  std::string decimal() const { return print_decimal(millionths_, decimals, Zeros::trimmed); }

  bool operator==(const Quantity&) const = default;

 private:
  explicit Quantity(std::int64_t millionths) : millionths_(millionths) {}
  std::int64_t millionths_;
};

// How a VAT rate is written: "21.0" or "0.21".
enum class VatRateUnit : std::uint8_t { percent, fraction };

// From 0 to 100 percent with at most four decimals (as a fraction: from 0 to 1 with at most six).
class VatRate {
 public:
  static constexpr std::int64_t hundred_percent = 1'000'000;

  // Fails with `invalid_decimal` or `vat_rate_out_of_range`.
  static Result<VatRate> parse(std::string_view text, VatRateUnit unit = VatRateUnit::percent);

  std::int64_t millionths() const { return millionths_; }  // of the net amount: 21 percent is 210,000
  std::string percent() const { return print_decimal(millionths_, 4, Zeros::trimmed); }  // "21", "5.5"

  auto operator<=>(const VatRate&) const = default;

 private:
  explicit VatRate(std::int64_t millionths) : millionths_(millionths) {}
  std::int64_t millionths_;
};

}  // namespace paylink
