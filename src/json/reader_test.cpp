#include "json/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>

namespace paylink::json {
namespace {

enum class Color : std::uint8_t { red, green };

struct ColorNames {
  std::array<std::pair<Color, std::string_view>, 2> rows{{{Color::red, "red"}, {Color::green, "green"}}};
  std::optional<Color> parse(std::string_view text) const {
    for (const auto& row : rows)
      if (row.second == text) return row.first;
    return std::nullopt;
  }
};

std::string list(const Result<>& result) {
  if (result) return "";
  std::string text;
  for (const Fault& fault : result.error().faults) text += fault.code + " " + fault.where + ": " + fault.detail + "\n";
  return text;
}

// Reads {"body": <json>} with `read` and lists the faults.
template <class Read>
std::string faults_of(std::string_view json, Read read) {
  const auto document = Document::parse("{\"body\":" + std::string(json) + "}");
  EXPECT_TRUE(document) << json;
  if (!document) return "malformed";
  Faults faults;
  const Reader root = Reader(faults, document->root()).as_object();
  read(root.required("body"));
  return list(faults.result());
}

TEST(Reader, ReportsEachKindOfFault) {
  using Read = void (*)(Reader);
  struct Case {
    const char* name;
    const char* json;
    Read read;
    const char* faults;
  };
  constexpr const char* not_of_lines =
      "invalid_format /body: body must not contain control characters other than line breaks and tabs\n";
  const Case cases[] = {
      {"text", "\"abc\"", [](Reader r) { EXPECT_EQ(r.text(), "abc"); }, ""},
      {"number for a text", "1", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_type /body: body must be a string, not a number\n"},
      {"null for a text", "null", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_type /body: body must be a string, not null\n"},
      {"shortest text", "\"a\"", [](Reader r) { EXPECT_TRUE(r.text({.min = 1, .max = 3})); }, ""},
      {"too short", "\"\"", [](Reader r) { EXPECT_FALSE(r.text({.min = 1, .max = 3})); },
       "out_of_range /body: body must have 1 to 3 characters\n"},
      {"code points, not bytes", "\"\\u00e9\\ud83d\\ude00x\"", [](Reader r) { EXPECT_TRUE(r.text({.max = 3})); }, ""},
      {"too long", "\"abcd\"", [](Reader r) { EXPECT_FALSE(r.text({.max = 3})); },
       "out_of_range /body: body must have at most 3 characters\n"},
      {"NUL", "\"a\\u0000\"", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_format /body: body must not contain control characters\n"},
      {"line feed", "\"a\\n\"", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_format /body: body must not contain control characters\n"},
      {"DEL", "\"\x7F\"", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_format /body: body must not contain control characters\n"},
      {"C1", "\"\\u0085\"", [](Reader r) { EXPECT_FALSE(r.text()); },
       "invalid_format /body: body must not contain control characters\n"},
      {"lines", R"("a\n\n\tb\r\nc\n")",
       [](Reader r) { EXPECT_EQ(r.text({.max = 10}, Lines::many), "a\n\n\tb\r\nc\n"); }, ""},
      {"lines that are too long together", R"("a\r\nb")",
       [](Reader r) { EXPECT_FALSE(r.text({.max = 3}, Lines::many)); },
       "out_of_range /body: body must have at most 3 characters\n"},
      {"CR alone", R"("a\rb\n")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"CR at the end", R"("a\r")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"CR CR LF", R"("\r\r\n")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"vertical tab in lines", R"("\u000b")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"NUL in lines", R"("\n\u0000")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"DEL in lines", "\"\x7F\"", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"NEL in lines", R"("\u0085")", [](Reader r) { EXPECT_FALSE(r.text({}, Lines::many)); }, not_of_lines},
      {"no-break space is no control character", "\"\\u00a0\"", [](Reader r) { EXPECT_TRUE(r.text()); }, ""},
      {"boolean", "true", [](Reader r) { EXPECT_EQ(r.boolean(), true); }, ""},
      {"text for a boolean", "\"true\"", [](Reader r) { EXPECT_FALSE(r.boolean()); },
       "invalid_type /body: body must be a boolean, not a string\n"},
      {"number", "1.5", [](Reader r) { EXPECT_EQ(r.number()->decimal(), "1.5"); }, ""},
      {"text for a number", "\"1\"", [](Reader r) { EXPECT_FALSE(r.number()); },
       "invalid_type /body: body must be a number, not a string\n"},
      {"uuid", "\"550E8400-e29b-41d4-a716-446655440001\"", [](Reader r) { EXPECT_TRUE(r.uuid()); }, ""},
      {"no uuid", "\"550e8400e29b41d4a716446655440001\"", [](Reader r) { EXPECT_FALSE(r.uuid()); },
       "invalid_format /body: body must be a UUID\n"},
      {"one of", "\"red\"", [](Reader r) { EXPECT_EQ(r.one_of(ColorNames{}), Color::red); }, ""},
      {"none of", "\"Red\"", [](Reader r) { EXPECT_FALSE(r.one_of(ColorNames{})); },
       "not_in_list /body: body must be one of red, green\n"},
      {"array", "[1]", [](Reader r) { EXPECT_TRUE(r.as_array({.min = 1}).present()); }, ""},
      {"empty array", "[]", [](Reader r) { EXPECT_FALSE(r.as_array({.min = 1}).present()); },
       "out_of_range /body: body must have at least 1 elements\n"},
      {"object for an array", "{}", [](Reader r) { EXPECT_FALSE(r.as_array({}).present()); },
       "invalid_type /body: body must be an array, not an object\n"},
      {"missing", "{}", [](Reader r) { EXPECT_FALSE(r.as_object().required("a/b").present()); },
       "missing_field /body/a~1b: body/a~1b is required\n"},
      {"optional", "{\"a\":null}",
       [](Reader r) {
         EXPECT_FALSE(r.as_object().optional("a").present());
         EXPECT_FALSE(r.as_object().optional("b").present());
         EXPECT_FALSE(r.as_object().has("a"));
       },
       ""},
      {"an absent place is silent", "[]",
       [](Reader r) {
         const Reader absent = r.as_object();
         EXPECT_FALSE(absent.required("a").as_object().required("b").text());
         absent.fault("invalid", "is wrong");
       },
       "invalid_type /body: body must be an object, not an array\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(faults_of(c.json, c.read), c.faults);
  }
}

TEST(Reader, ABodyThatIsNoObject) {
  const auto document = Document::parse("[]");
  Faults faults;
  EXPECT_FALSE(Reader(faults, document->root()).as_object().present());
  EXPECT_EQ(list(faults.result()), "invalid_type : The body must be an object, not an array\n");
}

TEST(Faults, KeepTwentyInOrder) {
  std::string json = "[";
  for (int i = 0; i < 30; ++i) json += std::string(i == 0 ? "" : ",") + (i % 2 == 0 ? "1" : "\"text\"");
  const std::string text =
      faults_of(json + "]", [](Reader r) { r.as_array({}).each([](Reader e) { (void)e.boolean(); }); });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_TRUE(text.starts_with("invalid_type /body/0: ")) << text;
  EXPECT_NE(text.find("invalid_type /body/19: "), std::string::npos);
}

TEST(Faults, TheErrorNamesTheFirst) {
  Faults faults;
  EXPECT_TRUE(faults.result());
  faults.add("out_of_range", "page", "page must be at least 1", FaultSource::query);
  faults.add("invalid", "/a", "a is wrong");
  const auto result = faults.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(result.error().reason, "out_of_range");
  EXPECT_EQ(result.error().message, "page must be at least 1");
  EXPECT_EQ(result.error().faults.size(), 2u);
  EXPECT_EQ(result.error().faults[0].source, FaultSource::query);
}

}  // namespace
}  // namespace paylink::json
