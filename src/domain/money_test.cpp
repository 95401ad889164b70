#include "domain/money.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/ensure.hpp"

namespace paylink {
namespace {

Currency currency(std::string_view code) {
  const auto found = Currency::parse(code);
  ENSURE(found);
  return *found;
}

TEST(Currency, KnowsTheActiveList) {
  struct Case {
    const char* code;
    int exponent;  // -1: not in the list
  };
  constexpr Case cases[] = {
      {"EUR", 2},  {"USD", 2},  {"GBP", 2},  {"CHF", 2},   {"JPY", 0},  {"KRW", 0},  {"ISK", 0},
      {"XPF", 0},  {"BHD", 3},  {"KWD", 3},  {"TND", 3},   {"IQD", 3},  {"JOD", 3},  {"LYD", 3},
      {"OMR", 3},  {"CLF", 4},  {"UYW", 4},  {"CLP", 0},   {"UYU", 2},  {"AED", 2},  {"ZWG", 2},
      {"XAU", -1}, {"XXX", -1}, {"XTS", -1}, {"BOV", -1},  {"CHE", -1}, {"USN", -1}, {"HRK", -1},
      {"DEM", -1}, {"eur", -1}, {"EU", -1},  {"EURO", -1}, {"", -1},    {"ZZZ", -1}, {"AAA", -1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.code);
    const auto found = Currency::parse(c.code);
    EXPECT_EQ(found ? found->exponent() : -1, c.exponent);
    EXPECT_TRUE(!found || found->code() == c.code);
  }
}

TEST(Currency, ListsItsCodesInOrder) {
  const auto codes = Currency::codes();
  EXPECT_EQ(codes.size(), 158u);
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  for (const auto code : codes) EXPECT_TRUE(Currency::parse(code));
}

TEST(Money, ParsesWithTheCurrencysDecimals) {
  struct Case {
    const char* text;
    const char* currency;
    const char* outcome;  // as a decimal, or a reason
  };
  constexpr Case cases[] = {
      {"10.99", "EUR", "10.99"},
      {"10.9", "EUR", "10.90"},
      {"10", "EUR", "10.00"},
      {"0", "EUR", "0.00"},
      {"10.999", "EUR", "invalid_decimal"},
      {"-0.01", "EUR", "amount_out_of_range"},
      {"-0", "EUR", "invalid_decimal"},
      {"999999999.99", "EUR", "999999999.99"},
      {"1000000000.00", "EUR", "amount_out_of_range"},
      {"99999999999999999999999", "EUR", "amount_out_of_range"},
      {"100", "JPY", "100"},
      {"100.0", "JPY", "invalid_decimal"},
      {"99999999999", "JPY", "99999999999"},
      {"100000000000", "JPY", "amount_out_of_range"},
      {"1.234", "TND", "1.234"},
      {"1.2345", "TND", "invalid_decimal"},
      {"99999999.999", "TND", "99999999.999"},
      {"100000000", "TND", "amount_out_of_range"},
      {"1.2345", "CLF", "1.2345"},
      {"", "EUR", "invalid_decimal"},
      {"1,00", "EUR", "invalid_decimal"},
      {"1e3", "EUR", "invalid_decimal"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto money = Money::parse_decimal(c.text, currency(c.currency));
    EXPECT_EQ(money ? money->decimal() : money.error().reason, c.outcome);
  }
}

TEST(Money, AddsAndSubtractsWithinItsLimits) {
  const auto eur = [](std::int64_t minor) { return *Money::of_minor(minor, currency("EUR")); };
  EXPECT_EQ(*eur(1).plus(eur(2)), eur(3));
  EXPECT_EQ(*eur(3).minus(eur(2)), eur(1));
  EXPECT_EQ(*eur(3).minus(eur(3)), eur(0));
  EXPECT_EQ(eur(2).minus(eur(3)).error().reason, "amount_out_of_range");
  EXPECT_EQ(eur(amount_minor_max).plus(eur(1)).error().reason, "amount_out_of_range");
  const auto yen = *Money::of_minor(1, currency("JPY"));
  EXPECT_EQ(eur(1).plus(yen).error().reason, "currency_mismatch");
  EXPECT_EQ(eur(1).minus(yen).error().reason, "currency_mismatch");
}

TEST(SignedMoney, MayBeNegativeWithTheSameLimits) {
  const auto eur = currency("EUR");
  EXPECT_EQ(SignedMoney::parse_decimal("-10.99", eur)->minor_units(), -1099);
  EXPECT_EQ(SignedMoney::parse_decimal("-0.05", eur)->decimal(), "-0.05");
  EXPECT_EQ(SignedMoney::parse_decimal("-0", eur)->decimal(), "0.00");
  EXPECT_EQ(SignedMoney::parse_decimal("-999999999.99", eur)->minor_units(), -amount_minor_max);
  EXPECT_EQ(SignedMoney::parse_decimal("-1000000000", eur).error().reason, "amount_out_of_range");
  EXPECT_EQ(SignedMoney::parse_decimal("--1", eur).error().reason, "invalid_decimal");
}

}  // namespace
}  // namespace paylink
