#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "domain/decimal.hpp"
#include "domain/money.hpp"
#include "domain/names.hpp"

namespace paylink {

enum class ItemType : std::uint8_t { good, service };

inline constexpr auto item_type_names = names<ItemType>({
    {ItemType::good, "good"},
    {ItemType::service, "service"},
});

// One line of a basket. A discount is a line with a negative unit price.
struct Item {
  std::string title;
  std::optional<ItemType> type;
  std::optional<std::string> description;
  Quantity quantity;
  std::optional<std::string> measure_unit;
  SignedMoney unit_price;  // net
  VatRate vat_rate;

  bool operator==(const Item&) const = default;
};

// Where VAT is rounded: on each line, or once per rate on the sum of the net lines (EN 16931, as e-invoices do).
enum class VatRounding : std::uint8_t { line, rate };

// What a basket costs, VAT included. Fails with `currency_mismatch` for items of two currencies, with
// `amount_out_of_range` when a line, the lines of one rate or the total are beyond `amount_minor_max`, and with
// `total_not_positive` when the total is zero or less. An empty basket is a bug.
Result<Money> total_of(std::span<const Item> items, VatRounding rounding);

}  // namespace paylink
