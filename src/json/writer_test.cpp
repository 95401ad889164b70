#include "json/writer.hpp"

#include <gtest/gtest.h>

#include "json/document.hpp"

namespace paylink::json {
namespace {

TEST(Writer, PutsTheCommas) {
  std::string out = "before";
  Writer writer(out);
  writer.begin_object().text("a", "x").integer("b", -5).key("c").begin_array();
  writer.integer(1).integer(2).begin_array().end_array().begin_object().end_object().null();
  writer.end_array()
      .boolean("d", true)
      .null("e")
      .raw("f", "[{}]")
      .text("g", "")
      .escaped_key("\"")
      .text("[")
      .text("h", "{");
  writer.key("i").begin_object().end_object().end_object();
  EXPECT_EQ(out,
            R"(before{"a":"x","b":-5,"c":[1,2,[],{},null],"d":true,"e":null,"f":[{}],"g":"","\"":"[","h":"{","i":{}})");
}

TEST(Writer, EscapesWhatMustBe) {
  struct Case {
    const char* name;
    std::string text;
    const char* json;
  };
  const Case cases[] = {
      {"plain", "Item 1", R"("Item 1")"},
      {"empty", "", R"("")"},
      {"quote and backslash", "a\"b\\c", R"("a\"b\\c")"},
      {"short escapes", "\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"other control characters", std::string("\x01\x1F\x7F\0", 4), R"("\u0001\u001f\u007f\u0000")"},
      {"other scripts as they are", "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
       "\"h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""},
      {"slash as it is", "</script>", R"("</script>")"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::string out;
    append_quoted(out, c.text);
    EXPECT_EQ(out, c.json);
    EXPECT_EQ(Document::parse(out)->root().text(), c.text);
  }
}

TEST(Writer, EveryAsciiCharacterSurvives) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  std::string out;
  Writer(out).begin_object().escaped_key(all).text(all).end_object();
  const auto document = Document::parse(out);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find(all)->text(), all);
}

}  // namespace
}  // namespace paylink::json
