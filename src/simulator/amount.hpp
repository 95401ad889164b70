#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paylink::simulator {

// Mollie's `{"currency":"EUR","value":"10.00"}`.
struct Amount {
  std::int64_t minor = 0;
  std::string currency;

  bool operator==(const Amount&) const = default;
};

// Absent unless `value` is a decimal with exactly the currency's decimals (EUR 2, JPY 0), at most 999,999,999.99 in
// minor-unit terms, and `currency` three capital letters. The sandbox takes any currency, the real provider only some.
std::optional<Amount> parse_amount(std::string_view value, std::string_view currency);

std::string decimal(const Amount& amount);  // "10.00"

}  // namespace paylink::simulator
