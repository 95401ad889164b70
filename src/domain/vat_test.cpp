#include "domain/vat.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/ensure.hpp"
#include "domain/testing.hpp"

namespace paylink {
namespace {

struct Row {
  const char* price;
  const char* rate;
  const char* quantity = "1";
};

Item item_of(const Row& row, std::string_view currency = "EUR") {
  return {.title = "Item",
          .type = std::nullopt,
          .description = std::nullopt,
          .quantity = *Quantity::parse(row.quantity),
          .measure_unit = std::nullopt,
          .unit_price = *SignedMoney::parse_decimal(row.price, *Currency::parse(currency)),
          .vat_rate = *VatRate::parse(row.rate)};
}

std::string outcome(const Result<Money>& total) { return total ? total->decimal() : total.error().reason; }

TEST(Vat, TotalsOfBaskets) {
  struct Case {
    const char* name;
    std::vector<Row> rows;
    const char* by_line;
    const char* by_rate;
  };
  const Case cases[] = {
      {"the contract's example", {{"10.99", "21.0"}}, "13.30", "13.30"},
      {"nothing to round", {{"100.00", "10"}}, "110.00", "110.00"},
      {"half up: 256.245", {{"232.95", "10"}}, "256.25", "256.25"},
      {"half up: 110.055", {{"100.05", "10"}}, "110.06", "110.06"},
      {"below the half", {{"232.96", "10"}}, "256.26", "256.26"},
      {"two rates", {{"232.95", "10"}, {"9.80", "0"}}, "266.05", "266.05"},
      {"two halves: each up, or none when summed", {{"100.05", "10"}, {"100.05", "10"}}, "220.12", "220.11"},
      {"fractions of a piece", {{"3.33", "20", "1.5"}}, "5.99", "6.00"},
      {"the smallest quantity of the dearest", {{"999999999.99", "0", "0.000001"}}, "1000.00", "1000.00"},
      {"discount", {{"100.00", "20"}, {"-10.00", "20"}}, "108.00", "108.00"},
      {"a half of a discount goes away from zero", {{"1.00", "0"}, {"-0.05", "10"}}, "0.94", "0.94"},
      {"free line", {{"1.00", "21"}, {"0", "21"}}, "1.21", "1.21"},
      {"hundred percent", {{"0.01", "100"}}, "0.02", "0.02"},
      {"the limit", {{"999999999.99", "0"}}, "999999999.99", "999999999.99"},
      {"a line past the limit",
       {{"999999999.99", "0.0001"}, {"-1.00", "0"}},
       "amount_out_of_range",
       "amount_out_of_range"},
      {"a total past the limit", {{"999999999.99", "0"}, {"0.01", "0"}}, "amount_out_of_range", "amount_out_of_range"},
      {"a huge line", {{"999999999.99", "100", "999999999"}}, "amount_out_of_range", "amount_out_of_range"},
      {"nothing to pay", {{"1.00", "0"}, {"-1.00", "0"}}, "total_not_positive", "total_not_positive"},
      {"less than nothing", {{"1.00", "0"}, {"-1.01", "0"}}, "total_not_positive", "total_not_positive"},
      {"too small to be a cent", {{"0.01", "0", "0.499999"}}, "total_not_positive", "total_not_positive"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<Item> items;
    for (const Row& row : c.rows) items.push_back(item_of(row));
    EXPECT_EQ(outcome(total_of(items, VatRounding::line)), c.by_line);
    EXPECT_EQ(outcome(total_of(items, VatRounding::rate)), c.by_rate);
  }
}

TEST(Vat, OtherCurrencies) {
  EXPECT_EQ(outcome(total_of(std::vector{item_of({"105", "10"}, "JPY")}, VatRounding::line)), "116");
  EXPECT_EQ(outcome(total_of(std::vector{item_of({"1.005", "10"}, "TND")}, VatRounding::line)), "1.106");
  const std::vector mixed{item_of({"1", "0"}, "JPY"), item_of({"1", "0"}, "EUR")};
  EXPECT_EQ(outcome(total_of(mixed, VatRounding::line)), "currency_mismatch");
}

TEST(Vat, AnEmptyBasketIsABug) { EXPECT_THROW((void)total_of({}, VatRounding::line), BrokenInvariant); }

TEST(Vat, TableHasOneRowPerRate) {
  const std::vector items{item_of({"10.99", "21.0"}), item_of({"232.95", "10"}), item_of({"10.99", "21"}),
                          item_of({"9.80", "0"})};
  const auto table = vat_table_of(items, VatRounding::line);
  ASSERT_TRUE(table);
  std::string text;
  for (const VatRow& row : table->rows)
    text +=
        row.rate.percent() + ": " + row.net.decimal() + " + " + row.vat.decimal() + " = " + row.gross.decimal() + "\n";
  EXPECT_EQ(text, "0: 9.80 + 0.00 = 9.80\n10: 232.95 + 23.30 = 256.25\n21: 21.98 + 4.62 = 26.60\n");
  EXPECT_EQ(table->total.decimal(), "292.65");
}

// The same at any length: tests/money.
TEST(Vat, AgreesWithExactArithmetic) {
  testing::Baskets baskets{std::mt19937_64(20260101)};
  int payable = 0, halves = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto items = baskets.next();
    const auto rounding = i % 2 == 0 ? VatRounding::line : VatRounding::rate;
    const auto table = vat_table_of(items, rounding);
    const auto right = testing::expected(items, rounding);
    ASSERT_EQ(testing::told(table), right) << "basket " << i;
    if (table) ++payable;
    if (testing::expected(items, rounding, testing::Halves::even) != right) ++halves;
  }
  EXPECT_GT(payable, 12'000);
  EXPECT_GT(halves, 1'000) << "they tell one way of rounding from another";
}

}  // namespace
}  // namespace paylink
