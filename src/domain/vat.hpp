#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/items.hpp"

namespace paylink {

// What VAT needs to know of a line.
struct VatLine {
  Quantity quantity;
  SignedMoney unit_price;  // net
  VatRate vat_rate;
};

// Both are rounded half up to the currency's minor unit, a half going away from zero, and computed exactly until then.
// Both fail with `amount_out_of_range`.
Result<SignedMoney> net_of(const VatLine& line);
Result<SignedMoney> gross_of(const VatLine& line);  // unit_price × quantity × (1 + rate)

// The lines of one VAT rate together; net + vat = gross.
struct VatRow {
  VatRate rate;
  SignedMoney net;
  SignedMoney vat;
  SignedMoney gross;

  bool operator==(const VatRow&) const = default;
};

struct VatTable {
  std::vector<VatRow> rows;  // one per rate, lowest first; their gross amounts sum to the total
  Money total;
};

// Adds up the lines of a basket. Each step fails as `total_of` says.
class VatSum {
 public:
  explicit VatSum(VatRounding rounding) : rounding_(rounding) {}

  Result<> add(const VatLine& line);
  // A basket without a line is a bug.
  Result<VatTable> table() const;

 private:
  struct Sums {
    VatRate rate;
    std::int64_t net_minor;
    std::int64_t gross_minor;  // of the rounded lines
  };
  Result<VatRow> row(const Sums& sums) const;

  VatRounding rounding_;
  std::optional<Currency> currency_;
  std::vector<Sums> by_rate_;  // lowest rate first
};

Result<VatTable> vat_table_of(std::span<const Item> items, VatRounding rounding);

}  // namespace paylink
