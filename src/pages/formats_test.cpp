#include "pages/formats.hpp"

#include <gtest/gtest.h>

namespace paylink::pages {
namespace {

constexpr auto nbsp = "\xC2\xA0";
constexpr auto narrow_nbsp = "\xE2\x80\xAF";

std::string with(std::string text, const char* mark, const char* space) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.replace(at, 1, space);
  return text;
}

TEST(Formats, WritesMoney) {
  struct Case {
    const char* name;
    const char* locale;
    const char* decimal;
    const char* currency;
    const char* written;  // '_' is a no-break space, '~' a narrow one
  };
  constexpr Case cases[] = {
      {"euro", "en", "13.30", "EUR", "€13.30"},
      {"yen has no decimals", "en", "100", "JPY", "¥100"},
      {"dinar has three", "en", "1.234", "TND", "TND_1.234"},
      {"US and other dollars differ", "en", "5.00", "USD", "$5.00"},
      {"Canadian dollars say so", "en", "5.00", "CAD", "CA$5.00"},
      {"decimals as charged, not as the locale data have them", "en", "5.00", "HUF", "HUF_5.00"},
      {"Iraqi dinar keeps its three", "en", "5.250", "IQD", "IQD_5.250"},
      {"a discount", "en", "-5.00", "EUR", "−€5.00"},
      {"the largest amount, exactly", "en", "999999999.99", "EUR", "€999,999,999.99"},
      {"beyond the digits of a double", "en", "90071992547409931.27", "EUR", "€90,071,992,547,409,931.27"},
      {"zero", "en", "0.00", "EUR", "€0.00"},
      {"German", "de", "1234.50", "EUR", "1.234,50_€"},
      {"French", "fr", "1234.50", "EUR", "1~234,50_€"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto formats = Formats::create(c.locale, "en");
    ASSERT_TRUE(formats);
    const auto expected = with(with(c.written, "_", nbsp), "~", narrow_nbsp);
    EXPECT_EQ(formats->money(c.decimal, c.currency), expected);
    EXPECT_EQ(formats->money(c.decimal, c.currency), expected) << "the second time";
  }
}

TEST(Formats, WritesDomainMoney) {
  const auto formats = *Formats::create("en", "en-IE");
  const auto euro = *Currency::parse("EUR");
  EXPECT_EQ(formats.money(*Money::of_minor(1330, euro)), "€13.30");
  EXPECT_EQ(formats.money(*SignedMoney::of_minor(-1330, euro)), "−€13.30");
}

TEST(Formats, WritesNumbersPercentsAndMoments) {
  const auto formats = *Formats::create("en", "en-IE");
  EXPECT_EQ(formats.number("2"), "2");
  EXPECT_EQ(formats.number("1.500000"), "1.5");
  EXPECT_EQ(formats.number("999999999.000001"), "999,999,999.000001");
  EXPECT_EQ(formats.percent("21.0"), "21%");
  EXPECT_EQ(formats.percent("5.5"), "5.5%");
  EXPECT_EQ(formats.percent("0"), "0%");
  EXPECT_EQ(formats.moment(*parse_rfc3339("2026-01-15T14:05:59Z")), "15 January 2026 at 14:05 UTC");
  EXPECT_EQ(formats.moment(*parse_rfc3339("2024-02-29T00:00:00Z")), "29 February 2024 at 00:00 UTC");
}

}  // namespace
}  // namespace paylink::pages
