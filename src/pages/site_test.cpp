#include "pages/site.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "base/ensure.hpp"
#include "domain/scopes.hpp"
#include "pages/assets.hpp"

namespace paylink::pages {
namespace {

constexpr std::string_view english =
    "formats.numbers = en\nformats.dates = en-IE\nhello = Hello & welcome\nbye = Bye\n";

std::string value_of(const http::Response& response, std::string_view name) {
  const auto at = response.fields.find(std::string(name) + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 2;
  return response.fields.substr(from, response.fields.find('\r', from) - from);
}

TEST(Site, SpeaksTheLanguageAskedFor) {
  const EmbeddedFile files[] = {
      {"a.mustache", "<html lang=\"{{lang}}\">{{t hello}} {{name}}, {{t bye}}", "1"},
      {"locales/de.messages", "formats.numbers = de\nhello = Guten Tag,\n", "2"},
      {"locales/en.messages", english, "3"},
  };
  const auto site = Site::create(Transport::plain, files);
  ASSERT_TRUE(site) << site.error().detail;
  struct Case {
    const char* accept_language;
    const char* body;
    const char* money;
  };
  const Case cases[] = {
      {"", "<html lang=\"en\">Hello &amp; welcome &lt;b&gt;, Bye\n", "€1.00"},
      {"de-CH, en;q=0.5", "<html lang=\"de\">Guten Tag, &lt;b&gt;, Bye\n", "1,00\xC2\xA0€"},
      {"fr", "<html lang=\"en\">Hello &amp; welcome &lt;b&gt;, Bye\n", "€1.00"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.accept_language);
    const Language& language = site->language(c.accept_language);
    EXPECT_EQ(language.page(200, "a", Values("name", "<b>")).body, c.body);
    EXPECT_EQ(language.formats().money("1.00", "EUR"), c.money);
  }
}

// By their tags. Without a fallback: only what a file itself says.
std::vector<Catalog> own_catalogs() {
  constexpr std::string_view folder = "locales/", ending = ".messages";
  std::vector<Catalog> result;
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(folder)) continue;
    const auto tag = file.path.substr(folder.size(), file.path.size() - folder.size() - ending.size());
    result.push_back(*Catalog::parse(tag, file.content));
  }
  return result;
}

TEST(Locales, SayEverySentenceWithEveryPlaceholder) {
  const auto catalogs = own_catalogs();
  const auto& english_one = *std::ranges::find(catalogs, "en", &Catalog::tag);
  ASSERT_GE(catalogs.size(), 6U);
  for (const Catalog& catalog : catalogs) {
    SCOPED_TRACE(catalog.tag());
    for (const auto key : catalog.keys()) EXPECT_TRUE(english_one.has(key)) << "English lacks " << key;
    for (const auto key : english_one.keys()) {
      EXPECT_TRUE(catalog.has(key)) << "lacks " << key;
      if (!catalog.has(key)) continue;
      EXPECT_EQ(catalog.placeholders(key), english_one.placeholders(key)) << key;
    }
  }
}

TEST(Locales, SayWhatEveryScopeLetsAnApplicationDo) {
  const auto catalogs = own_catalogs();
  for (const auto scope : known_scopes())
    EXPECT_TRUE(std::ranges::find(catalogs, "en", &Catalog::tag)->has("scope." + std::string(scope))) << scope;
}

// A straight apostrophe before a brace would quote it; everywhere else it is bad typography.
TEST(Locales, KeepTheTypographyOfTheirLanguage) {
  constexpr std::string_view no_break = "\xC2\xA0", narrow = "\xE2\x80\xAF";
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with("locales/") || file.path == "locales/en.messages") continue;
    SCOPED_TRACE(file.path);
    std::istringstream lines{std::string(file.content)};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('#')) continue;
      EXPECT_EQ(line.find('\''), std::string::npos) << line;
      const bool asks = file.path == "locales/es.messages" && line.find('?') != std::string::npos;
      EXPECT_EQ(line.find("¿") != std::string::npos, asks) << line;
      if (file.path != "locales/fr.messages") continue;
      for (auto at = line.find_first_of(":;?!"); at != std::string::npos; at = line.find_first_of(":;?!", at + 1))
        EXPECT_TRUE(line.substr(0, at).ends_with(line[at] == ':' ? no_break : narrow)) << line;
    }
  }
}

// Whoever is sent to an owner looks for the word that roles are shown by; and a reader is addressed in one way.
TEST(Locales, CallAThingByOneWord) {
  constexpr std::pair<std::string_view, std::string_view> not_said[] = {
      {"de", "Admins"},         {"fr", "admins"},       {"fr", "par votre propre compte"},
      {"fr", "payé par lui"},   {"it", "proprietari"},  {"it", "= Inserire "},
      {"it", "= Scegliere "},   {"it", "= Attendere "}, {"it", "= Continuare"},
      {"it", "= Collegare "},   {"it", "= Scollegare"}, {"it", "= Verificare "},
      {"it", "= Ricominciare"}, {"nl", "toepassing"},   {"nl", "ingelogd"},
  };
  for (const auto& [tag, words] : not_said) {
    const std::string path = "locales/" + std::string(tag) + ".messages";
    const auto file = std::ranges::find(embedded_files(), path, &EmbeddedFile::path);
    ASSERT_NE(file, embedded_files().end());
    EXPECT_EQ(file->content.find(words), std::string_view::npos) << tag << ": " << words;
  }
}

TEST(Locales, WriteMoneyAndTimeAsTheirReadersDo) {
  const auto site = Site::create(Transport::plain);
  ASSERT_TRUE(site) << site.error().detail;
  struct Case {
    const char* accept_language;
    const char* tag;
    const char* money;  // '_' is a no-break space, '~' a narrow one
    const char* percent;
    const char* moment;
    const char* faults;
  };
  constexpr Case cases[] = {
      {"en-US,en;q=0.9,fr;q=0.8", "en", "€12,500.00", "5.5%", "15 January 2026 at 14:05 UTC",
       "2 answers are missing or not right"},
      {"fr-CA", "fr", "12~500,00_€", "5,5_%", "15 janvier 2026 à 14:05 UTC",
       "2 informations sont manquantes ou incorrectes"},
      {"de-AT, en;q=0.5", "de", "12.500,00_€", "5,5_%", "15. Januar 2026 um 14:05 UTC",
       "2 Angaben fehlen oder sind nicht korrekt"},
      {"es-419,es;q=0.9", "es", "12.500,00_€", "5,5_%", "15 de enero de 2026, 14:05 UTC",
       "Hay 2 datos que faltan o no son correctos"},
      {"it", "it", "12.500,00_€", "5,5%", "15 gennaio 2026 alle ore 14:05 UTC", "2 dati sono mancanti o non corretti"},
      {"pt, nl-BE;q=0.8", "nl", "€_12.500,00", "5,5%", "15 januari 2026 om 14:05 UTC",
       "2 gegevens ontbreken of kloppen niet"},
  };
  const auto plain_spaces = [](std::string text) {
    for (const auto& [space, mark] : {std::pair("\xC2\xA0", '_'), std::pair("\xE2\x80\xAF", '~')})
      for (auto at = text.find(space); at != std::string::npos; at = text.find(space))
        text.replace(at, std::string_view(space).size(), 1, mark);
    return text;
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.accept_language);
    const Language& language = site->language(c.accept_language);
    EXPECT_EQ(language.catalog().tag(), c.tag);
    EXPECT_EQ(plain_spaces(language.formats().money("12500.00", "EUR")), c.money);
    EXPECT_EQ(plain_spaces(language.formats().percent("5.5")), c.percent);
    EXPECT_EQ(language.formats().moment(*parse_rfc3339("2026-01-15T14:05:59Z")), c.moment);
    EXPECT_EQ(language.text("fault.title", {{"count", std::int64_t{2}}}), c.faults);
    const auto page = language.page(200, "checkout/notice", Values("text", "x"));
    EXPECT_NE(page.body.find("<html lang=\"" + std::string(c.tag) + "\">"), std::string::npos);
  }
}

TEST(Site, RefusesAFaultyTemplate) {
  constexpr const char* templates[] = {
      "{{t nothing}}", "{{> nothing}}", "{{asset nothing.css}}", "{{> a}}", "{{{name}}}", "{{& name}}",
      "{{#a}}",        "{{name",
  };
  for (const char* text : templates) {
    SCOPED_TRACE(text);
    const EmbeddedFile files[] = {{"a.mustache", text, "1"}, {"locales/en.messages", english, "2"}};
    const auto site = Site::create(Transport::plain, files);
    ASSERT_FALSE(site);
    EXPECT_EQ(site.error().reason, "bad_template");
  }
}

TEST(Site, EveryPageCarriesTheHeaders) {
  const auto page = html(200, "", Transport::tls);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  const std::pair<const char*, const char*> fields[] = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
       "'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
  };
  for (const auto& [name, value] : fields) EXPECT_EQ(value_of(page, name), value) << name;
  EXPECT_NE(value_of(page, "Permissions-Policy"), "");
  EXPECT_EQ(value_of(html(200, "", Transport::plain), "Strict-Transport-Security"), "");
}

TEST(Site, ServesThreadsAtOnce) {
  const auto site = Site::create(Transport::plain);
  ASSERT_TRUE(site) << site.error().detail;
  const Language& language = site->language("en");
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&language] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_EQ(language.formats().money("13.30", "EUR"), "€13.30");
        EXPECT_EQ(language.formats().moment(Time{}), "1 January 1970 at 00:00 UTC");
        EXPECT_EQ(language.text("hand_off.continue", {{"provider", "Mollie"}}), "Continue to Mollie");
        EXPECT_EQ(language.page(200, "checkout/notice", Values("text", "<")).status, 200);
      }
    });
}

TEST(Asset, IsFoundAtItsOwnAddressOnly) {
  const auto address = asset_address("checkout.css");
  ASSERT_TRUE(address);
  const auto file = asset(*address);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(value_of(*file, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(asset(*asset_address("favicon.svg"))->content_type, "image/svg+xml");
  for (const char* path : {"", "/", "/assets/", "/assets/checkout.css", "/assets/checkout.0000000000000000.css",
                           "/locales/en.messages", "/assets/../locales/en.messages"})
    EXPECT_FALSE(asset(path)) << path;
}

TEST(WebAddress, OnlyHttp) {
  EXPECT_EQ(web_address("https://a.example/x?y=1;z#f"), "https://a.example/x?y=1;z#f");
  EXPECT_EQ(web_address("http://127.0.0.1:1/x"), "http://127.0.0.1:1/x");
  for (const char* other :
       {"", "javascript:alert(1)", "//a.example", "/path", "data:text/html,x", "https://a.example/\r\nX: y",
        "https://a.example/ b", "https://a.example/é", " https://a.example", "HTTPS//a"})
    EXPECT_EQ(web_address(other), "") << other;
}

}  // namespace
}  // namespace paylink::pages
