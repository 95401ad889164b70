#include "pages/catalog.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/ensure.hpp"

namespace paylink::pages {
namespace {

TEST(Catalog, SaysWhatItsMessagesSay) {
  struct Case {
    const char* name;
    const char* text;
    Catalog::Arguments arguments;
    const char* says;
  };
  const Case cases[] = {
      {"plain", "k = Pay now", {}, "Pay now"},
      {"spaces around", "  k   =   Pay now  \r\n", {}, "Pay now"},
      {"equals sign in the message", "k = a = b", {}, "a = b"},
      {"after a comment and an empty line", "# k = no\n\nk = yes", {}, "yes"},
      {"a text", "k = Pay {amount} to {merchant}", {{"merchant", "M"}, {"amount", "€1"}}, "Pay €1 to M"},
      {"a text that looks like a pattern", "k = Pay {merchant}", {{"merchant", "{x} '{y}'"}}, "Pay {x} '{y}'"},
      {"no plural", "k = {n, plural, one {# item} other {# items}}", {{"n", std::int64_t{1}}}, "1 item"},
      {"a plural", "k = {n, plural, one {# item} other {# items}}", {{"n", std::int64_t{2000}}}, "2,000 items"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto catalog = Catalog::parse("en", c.text);
    ASSERT_TRUE(catalog);
    EXPECT_EQ(catalog->text("k", c.arguments), c.says);
  }
}

TEST(Catalog, RefusesAFaultyText) {
  const auto english = *Catalog::parse("en", "a = A\nb = Pay {amount}");
  struct Case {
    const char* name;
    const char* text;
    const Catalog* fallback;
  };
  const Case cases[] = {
      {"no equals sign", "a A", nullptr},
      {"twice", "a = A\na = B", nullptr},
      {"not a pattern", "a = {", nullptr},
      {"a tag of the templates", "a = {{name}}", nullptr},
      {"a key that English lacks", "c = C", &english},
      {"a placeholder that English lacks", "b = {betrag}", &english},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto catalog = Catalog::parse("de", c.text, c.fallback);
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().reason, "bad_catalog");
  }
}

TEST(Catalog, TakesFromTheFallbackWhatItLacks) {
  const auto english =
      *Catalog::parse("en", "a = Pay\nb = {n, plural, one {# item} other {# items}}\nc = for {amount}");
  const auto german = Catalog::parse("de", "a = Zahlen\nc = über {amount}", &english);
  ASSERT_TRUE(german);
  EXPECT_EQ(german->text("a"), "Zahlen");
  EXPECT_EQ(german->text("b", {{"n", std::int64_t{2000}}}), "2,000 items");
  EXPECT_EQ(german->text("c", {{"amount", "€1"}}), "über €1");
}

TEST(Catalog, AMissingKeyOrArgumentIsABug) {
  const auto catalog = *Catalog::parse("en", "k = Pay {amount}");
  EXPECT_THROW((void)catalog.text("l"), BrokenInvariant);
  EXPECT_THROW((void)catalog.text("k"), BrokenInvariant);
  EXPECT_THROW((void)catalog.text("k", {{"price", "€1"}}), BrokenInvariant);
}

TEST(Negotiate, FindsTheBestLanguage) {
  constexpr std::array<std::string_view, 4> available = {"en", "de", "pt-BR", "fr"};
  struct Case {
    const char* name;
    const char* field;
    const char* tag;
  };
  constexpr Case cases[] = {
      {"nothing sent", "", "en"},
      {"the only one", "de", "de"},
      {"a region is cut off", "de-AT", "de"},
      {"two cuts", "de-Latn-AT", "de"},
      {"a region that is there", "pt-br", "pt-BR"},
      {"not the other way round", "pt", "en"},
      {"by order", "fr, de", "fr"},
      {"by weight", "fr;q=0.5, de;q=0.8", "de"},
      {"unknown first", "nl, fr;q=0.1", "fr"},
      {"refused", "de;q=0, fr;q=0.2", "fr"},
      {"anything", "nl, *;q=0.5", "en"},
      {"nothing known", "nl, it", "en"},
      {"a broken weight counts as none", "de;q=abc, fr;q=0.1", "fr"},
      {"a negative weight too", "de;q=-1, fr;q=0.001", "fr"},
      {"rubbish", ";;;,,,=q;--", "en"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(negotiate(c.field, available), c.tag);
  }
  EXPECT_EQ(negotiate(std::string(100'000, ',') + "de", available), "en") << "only the first 20 ranges count";
  EXPECT_EQ(negotiate(std::string(100'000, '-'), available), "en");
}

}  // namespace
}  // namespace paylink::pages
