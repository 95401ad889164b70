#include "simulator/amount.hpp"

#include <gtest/gtest.h>

namespace paylink::simulator {
namespace {

TEST(SimulatorAmount, KeepsTheCurrencysDecimals) {
  struct Case {
    std::string_view value;
    std::string_view currency;
    std::int64_t minor;
  };
  for (const Case& c :
       {Case{"10.00", "EUR", 1000}, Case{"0.01", "EUR", 1}, Case{"0.00", "EUR", 0}, Case{"100", "JPY", 100},
        Case{"0", "JPY", 0}, Case{"1.234", "TND", 1234}, Case{"999999999.99", "EUR", 99'999'999'999}}) {
    SCOPED_TRACE(c.value);
    const auto amount = parse_amount(c.value, c.currency);
    ASSERT_TRUE(amount);
    EXPECT_EQ(amount->minor, c.minor);
    EXPECT_EQ(decimal(*amount), c.value);
  }
}

TEST(SimulatorAmount, RefusesEverythingElse) {
  struct Case {
    std::string_view value;
    std::string_view currency;
  };
  for (const Case& c :
       {Case{"", "EUR"}, Case{"10", "EUR"}, Case{"10.0", "EUR"}, Case{"10.000", "EUR"}, Case{".00", "EUR"},
        Case{"010.00", "EUR"}, Case{"-1.00", "EUR"}, Case{"1,00", "EUR"}, Case{"1e2.00", "EUR"}, Case{"100.00", "JPY"},
        Case{"", "JPY"}, Case{"00", "JPY"}, Case{"1000000000.00", "EUR"}, Case{"99999999999999999.00", "EUR"},
        Case{"10.00", "eur"}, Case{"10.00", "EURO"}, Case{"10.00", ""}}) {
    SCOPED_TRACE(std::string(c.value) + " " + std::string(c.currency));
    EXPECT_FALSE(parse_amount(c.value, c.currency));
  }
}

}  // namespace
}  // namespace paylink::simulator
