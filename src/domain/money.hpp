#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink {

// An active ISO 4217 currency, with its exponent (EUR 2, JPY 0, TND 3).
class Currency {
 public:
  // Three upper-case letters of the active list; anything else is absent.
  static std::optional<Currency> parse(std::string_view code);

  std::string_view code() const;
  int exponent() const;

  static std::span<const std::string_view> codes();  // all of them, in order

  bool operator==(const Currency&) const = default;

 private:
  explicit constexpr Currency(std::uint8_t index) : index_(index) {}
  std::uint8_t index_;  // into the table in money.cpp
};

// The largest line or total: 999,999,999.99 in minor-unit terms of its currency, whatever the exponent.
inline constexpr std::int64_t amount_minor_max = 99'999'999'999;

// An amount of one currency. Never negative (lines with discounts use `SignedMoney`), never a floating-point number,
// never an integer without its currency: the only ways in are the two factories below.
class Money {
 public:
  // Fails with `amount_out_of_range` below zero or above `amount_minor_max`.
  static Result<Money> of_minor(std::int64_t minor_units, Currency currency);
  // Exact: digits, then optionally a point and at most the currency's decimals. Fails with `invalid_decimal` or
  // `amount_out_of_range`.
  static Result<Money> parse_decimal(std::string_view text, Currency currency);

  std::int64_t minor_units() const { return minor_units_; }
  Currency currency() const { return currency_; }
  std::string decimal() const;  // exactly the currency's decimals: "13.30", "100" for JPY

  // Both fail with `currency_mismatch` on two currencies, and with `amount_out_of_range` when the result would be.
  Result<Money> plus(Money other) const;
  Result<Money> minus(Money other) const;

  bool operator==(const Money&) const = default;

 private:
  Money(std::int64_t minor_units, Currency currency) : minor_units_(minor_units), currency_(currency) {}
  std::int64_t minor_units_;
  Currency currency_;
};

// An amount that may be negative: a line with a discount. Same limits to both sides.
class SignedMoney {
 public:
  static Result<SignedMoney> of_minor(std::int64_t minor_units, Currency currency);
  // As Money::parse_decimal, with an optional leading '-'.
  static Result<SignedMoney> parse_decimal(std::string_view text, Currency currency);

  std::int64_t minor_units() const { return minor_units_; }
  Currency currency() const { return currency_; }
  std::string decimal() const;

  bool operator==(const SignedMoney&) const = default;

 private:
  SignedMoney(std::int64_t minor_units, Currency currency) : minor_units_(minor_units), currency_(currency) {}
  std::int64_t minor_units_;
  Currency currency_;
};

}  // namespace paylink
