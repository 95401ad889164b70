#pragma once

#include <cstdint>

#include "domain/decimal.hpp"
#include "domain/items.hpp"
#include "domain/names.hpp"

namespace paylink::app {

using paylink::VatRateUnit;
using paylink::VatRounding;

// How GET and PATCH of one link answer: its fields at the top, inside `payment_link`, or both.
enum class SingleLink : std::uint8_t { both, bare, wrapped };
enum class ApiKeyOnPaymentLinks : std::uint8_t { accepted, refused };
enum class Idempotency : std::uint8_t { strict, lax };

// What the sources of the wire contract leave open or disagree on; the table `[compat]` of the configuration, where
// `api_key_on_payment_links` is true or false.
struct CompatSettings {
  VatRateUnit vat_rate = VatRateUnit::percent;
  VatRounding vat_rounding = VatRounding::line;
  SingleLink single_link = SingleLink::both;
  ApiKeyOnPaymentLinks api_key_on_payment_links = ApiKeyOnPaymentLinks::accepted;
  Idempotency idempotency = Idempotency::strict;
};

inline constexpr auto vat_rate_unit_names = names<VatRateUnit>({
    {VatRateUnit::percent, "percent"},
    {VatRateUnit::fraction, "fraction"},
});
inline constexpr auto vat_rounding_names = names<VatRounding>({
    {VatRounding::line, "line"},
    {VatRounding::rate, "rate"},
});
inline constexpr auto single_link_names = names<SingleLink>({
    {SingleLink::both, "both"},
    {SingleLink::bare, "bare"},
    {SingleLink::wrapped, "wrapped"},
});
inline constexpr auto idempotency_names = names<Idempotency>({
    {Idempotency::strict, "strict"},
    {Idempotency::lax, "lax"},
});

}  // namespace paylink::app
