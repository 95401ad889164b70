#include "domain/decimal.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

TEST(Decimal, ParsesExactlyOrNotAtAll) {
  struct Case {
    const char* name;
    const char* text;
    int decimals;
    Sign minus;
    const char* outcome;  // the scaled number, or a reason
  };
  constexpr Case cases[] = {
      {"integer", "12", 2, Sign::refused, "1200"},
      {"all decimals", "10.99", 2, Sign::refused, "1099"},
      {"fewer decimals", "10.9", 2, Sign::refused, "1090"},
      {"zero", "0", 2, Sign::refused, "0"},
      {"zero with decimals", "0.00", 2, Sign::refused, "0"},
      {"negative where allowed", "-10.99", 2, Sign::allowed, "-1099"},
      {"largest", "9223372036854775807", 0, Sign::refused, "9223372036854775807"},
      {"one past the largest", "9223372036854775808", 0, Sign::refused, "decimal_out_of_range"},
      {"scaled past the largest", "92233720368547758.08", 2, Sign::refused, "decimal_out_of_range"},
      {"fifty digits", "99999999999999999999999999999999999999999999999999", 2, Sign::refused, "decimal_out_of_range"},
      {"one decimal too many", "10.999", 2, Sign::refused, "invalid_decimal"},
      {"one decimal too many, though zero", "10.990", 2, Sign::refused, "invalid_decimal"},
      {"point where no decimals are", "10.0", 0, Sign::refused, "invalid_decimal"},
      {"empty", "", 2, Sign::refused, "invalid_decimal"},
      {"minus where refused", "-1", 2, Sign::refused, "invalid_decimal"},
      {"only a minus", "-", 2, Sign::allowed, "invalid_decimal"},
      {"two minuses", "--1", 2, Sign::allowed, "invalid_decimal"},
      {"plus", "+1", 2, Sign::allowed, "invalid_decimal"},
      {"leading zero", "01", 2, Sign::refused, "invalid_decimal"},
      {"two zeros", "00", 2, Sign::refused, "invalid_decimal"},
      {"leading point", ".5", 2, Sign::refused, "invalid_decimal"},
      {"trailing point", "5.", 2, Sign::refused, "invalid_decimal"},
      {"two points", "5.1.2", 6, Sign::refused, "invalid_decimal"},
      {"comma", "5,1", 2, Sign::refused, "invalid_decimal"},
      {"exponent", "1e2", 2, Sign::refused, "invalid_decimal"},
      {"hexadecimal", "0x10", 2, Sign::refused, "invalid_decimal"},
      {"space before", " 1", 2, Sign::refused, "invalid_decimal"},
      {"space after", "1 ", 2, Sign::refused, "invalid_decimal"},
      {"not a number", "NaN", 2, Sign::refused, "invalid_decimal"},
      {"Arabic-Indic digits", "\xD9\xA1\xD9\xA2", 2, Sign::refused, "invalid_decimal"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto parsed = parse_decimal(c.text, {.decimals = c.decimals, .minus = c.minus});
    EXPECT_EQ(parsed ? std::to_string(*parsed) : parsed.error().reason, c.outcome);
  }
}

TEST(Decimal, Prints) {
  EXPECT_EQ(print_decimal(1330, 2, Zeros::kept), "13.30");
  EXPECT_EQ(print_decimal(1330, 2, Zeros::trimmed), "13.3");
  EXPECT_EQ(print_decimal(5, 3, Zeros::kept), "0.005");
  EXPECT_EQ(print_decimal(-5, 2, Zeros::kept), "-0.05");
  EXPECT_EQ(print_decimal(100, 0, Zeros::trimmed), "100");
  EXPECT_EQ(print_decimal(1'000'000, 6, Zeros::trimmed), "1");
  EXPECT_EQ(print_decimal(0, 2, Zeros::kept), "0.00");
}

TEST(Quantity, IsMoreThanNothingAndLimited) {
  struct Case {
    const char* text;
    const char* outcome;  // canonical, or a reason
  };
  constexpr Case cases[] = {
      {"1", "1"},
      {"1.500000", "1.5"},
      {"0.000001", "0.000001"},
      {"999999999", "999999999"},
      {"999999999.000001", "quantity_out_of_range"},
      {"1000000000", "quantity_out_of_range"},
      {"99999999999999999999", "quantity_out_of_range"},
      {"0", "quantity_out_of_range"},
      {"-1", "quantity_out_of_range"},
      {"0.0000001", "invalid_decimal"},
      {"1.0000000", "invalid_decimal"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto quantity = Quantity::parse(c.text);
    EXPECT_EQ(quantity ? quantity->decimal() : quantity.error().reason, c.outcome);
  }
}

TEST(VatRate, IsAPercentOrAFractionButNeverGuessed) {
  struct Case {
    const char* text;
    VatRateUnit unit;
    const char* outcome;  // as a percent, or a reason
  };
  constexpr Case cases[] = {
      {"21.0", VatRateUnit::percent, "21"},
      {"5.5", VatRateUnit::percent, "5.5"},
      {"0", VatRateUnit::percent, "0"},
      {"0.21", VatRateUnit::percent, "0.21"},
      {"100", VatRateUnit::percent, "100"},
      {"100.0000", VatRateUnit::percent, "100"},
      {"100.0001", VatRateUnit::percent, "vat_rate_out_of_range"},
      {"-1", VatRateUnit::percent, "vat_rate_out_of_range"},
      {"-0", VatRateUnit::percent, "invalid_decimal"},
      {"21.00000", VatRateUnit::percent, "invalid_decimal"},
      {"21%", VatRateUnit::percent, "invalid_decimal"},
      {"99999999999999999999", VatRateUnit::percent, "vat_rate_out_of_range"},
      {"0.21", VatRateUnit::fraction, "21"},
      {"0.055", VatRateUnit::fraction, "5.5"},
      {"1", VatRateUnit::fraction, "100"},
      {"21.0", VatRateUnit::fraction, "vat_rate_out_of_range"},
      {"0.0000001", VatRateUnit::fraction, "invalid_decimal"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto rate = VatRate::parse(c.text, c.unit);
    EXPECT_EQ(rate ? rate->percent() : rate.error().reason, c.outcome);
  }
}

}  // namespace
}  // namespace paylink
