#include "domain/vat.hpp"

#include <algorithm>
#include <utility>

#include "base/ensure.hpp"

namespace paylink {
namespace {

__extension__ using Int128 = __int128;

// A product is at most 10^11 × 10^15 × (2 × 10^6) = 2 × 10^32; 127 bits hold 10^38.
static_assert(amount_minor_max < 100'000'000'000 && Quantity::max < 1'000'000'000'000'000);

Int128 round_half_up(Int128 dividend, Int128 divisor) {
  const Int128 half = divisor / 2;  // every divisor here is even
  return dividend < 0 ? -((half - dividend) / divisor) : (dividend + half) / divisor;
}

Failure sum_out_of_range() {
  return fail(ErrorCode::invalid_input, "amount_out_of_range", "This amount is out of range.");
}

Result<SignedMoney> money_of(Int128 minor, Currency currency) {
  if (minor > amount_minor_max || minor < -amount_minor_max) return sum_out_of_range();
  return SignedMoney::of_minor(static_cast<std::int64_t>(minor), currency);
}

Int128 net_in_millionths(const VatLine& line) {
  return Int128{line.unit_price.minor_units()} * line.quantity.millionths();
}

std::int64_t vat_on(std::int64_t net_minor, VatRate rate) {
  return static_cast<std::int64_t>(round_half_up(Int128{net_minor} * rate.millionths(), VatRate::hundred_percent));
}

VatLine line_of(const Item& item) {
  return {.quantity = item.quantity, .unit_price = item.unit_price, .vat_rate = item.vat_rate};
}

}  // namespace

Result<SignedMoney> net_of(const VatLine& line) {
  return money_of(round_half_up(net_in_millionths(line), Quantity::one), line.unit_price.currency());
}

Result<SignedMoney> gross_of(const VatLine& line) {
  const Int128 exact = net_in_millionths(line) * (VatRate::hundred_percent + line.vat_rate.millionths());
  return money_of(round_half_up(exact, Int128{Quantity::one} * VatRate::hundred_percent), line.unit_price.currency());
}

Result<> VatSum::add(const VatLine& line) {
  const Currency currency = line.unit_price.currency();
  if (currency_ && *currency_ != currency)
    return fail(ErrorCode::invalid_input, "currency_mismatch", "The items are of different currencies.");
  const auto net = TRY(net_of(line));
  const auto gross = TRY(gross_of(line));
  currency_ = currency;
  auto at = std::ranges::lower_bound(by_rate_, line.vat_rate, {}, &Sums::rate);
  if (at == by_rate_.end() || at->rate != line.vat_rate)
    at = by_rate_.insert(at, Sums{.rate = line.vat_rate, .net_minor = 0, .gross_minor = 0});
  at->net_minor += net.minor_units();
  at->gross_minor += gross.minor_units();
  return {};
}

Result<VatRow> VatSum::row(const Sums& sums) const {
  const bool line_by_line = rounding_ == VatRounding::line;
  const std::int64_t gross_minor = line_by_line ? sums.gross_minor : sums.net_minor + vat_on(sums.net_minor, sums.rate);
  const auto net = TRY(SignedMoney::of_minor(sums.net_minor, *currency_));
  const auto vat = TRY(SignedMoney::of_minor(gross_minor - sums.net_minor, *currency_));
  const auto gross = TRY(SignedMoney::of_minor(gross_minor, *currency_));
  return VatRow{.rate = sums.rate, .net = net, .vat = vat, .gross = gross};
}

Result<VatTable> VatSum::table() const {
  ENSURE(currency_);
  std::vector<VatRow> rows;
  rows.reserve(by_rate_.size());
  std::int64_t total_minor = 0;
  for (const Sums& sums : by_rate_) {
    rows.push_back(TRY(row(sums)));
    total_minor += rows.back().gross.minor_units();
  }
  if (total_minor <= 0)
    return fail(ErrorCode::invalid_input, "total_not_positive", "The total must be more than zero.");
  const auto total = TRY(Money::of_minor(total_minor, *currency_));
  return VatTable{.rows = std::move(rows), .total = total};
}

Result<VatTable> vat_table_of(std::span<const Item> items, VatRounding rounding) {
  VatSum sum(rounding);
  for (const Item& item : items) TRY(sum.add(line_of(item)));
  return sum.table();
}

Result<Money> total_of(std::span<const Item> items, VatRounding rounding) {
  const auto table = TRY(vat_table_of(items, rounding));
  return table.total;
}

}  // namespace paylink
