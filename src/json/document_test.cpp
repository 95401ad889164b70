#include "json/document.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "json/locate.hpp"

namespace paylink::json {
namespace {

std::string nested(std::size_t depth, const std::string& open = "[", const std::string& close = "]") {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += open == "[" ? "" : "[]";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

std::string keys(int count, const std::string& last) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) text += "\"key" + std::to_string(i) + "\":0,";
  return text + "\"" + last + "\":0}";
}

TEST(Document, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* name;
    std::string text;
    const char* where;
    const char* detail;
  };
  const Case cases[] = {
      {"empty", "", "", "line 1, column 1: the text is empty"},
      {"white space only", " \n\t ", "", "line 2, column 3: the text is empty"},
      {"byte order mark", "\xEF\xBB\xBF{}", "", "line 1, column 1: a byte order mark is not allowed"},
      {"garbage after", "{}\n x", "", "line 2, column 2: something follows the value"},
      {"two values", "1 2", "", "line 1, column 3: something follows the value"},
      {"trailing comma", "{\"a\":1,}", "", "line 1, column 8: expected a key in double quotes"},
      {"trailing comma in an array", "[1,]", "", "line 1, column 4: expected a value"},
      {"missing comma", "{\"a\":1 \"b\":2}", "", "line 1, column 8: expected ',' or '}'"},
      {"column counts characters", "{\"\xC3\xA9\":x}", "", "line 1, column 6: expected a value"},
      {"single quotes", "{'a':1}", "", "line 1, column 2: expected a key in double quotes"},
      {"cut off", "{\"a\":", "", "line 1, column 6: the text ends too early"},
      {"open string", "\"abc", "", "line 1, column 5: the string does not end"},
      {"bare control character", "\"a\nb\"", "", "line 1, column 3: a control character must be escaped"},
      {"unknown escape", "\"\\x\"", "", "line 1, column 2: unknown escape"},
      {"lone high surrogate", "\"\\ud800\"", "", "line 1, column 2: half of a surrogate pair"},
      {"lone low surrogate", "\"\\udc00\"", "", "line 1, column 2: half of a surrogate pair"},
      {"lone low surrogate in a key", "{\"\\udc00\":1}", "", "line 1, column 3: half of a surrogate pair"},
      {"invalid UTF-8", "\"\xFF\"", "", "line 1, column 2: this is not UTF-8"},
      {"surrogate in UTF-8", "\"\xED\xA0\x80\"", "", "line 1, column 2: this is not UTF-8"},
      {"overlong", "\"\xC0\x80\"", "", "line 1, column 2: this is not UTF-8"},
      {"number too large", "[1e400]", "", "line 1, column 2: the number is out of range"},
      {"integer too large", "[18446744073709551616]", "", "line 1, column 2: the number is out of range"},
      {"integer too small", "[-9223372036854775809]", "", "line 1, column 2: the number is out of range"},
      {"leading zero", "[01]", "", "line 1, column 2: a number with a leading zero"},
      {"plus sign", "[+1]", "", "line 1, column 2: expected a value"},
      {"no digit after the point", "[1.]", "", "line 1, column 4: expected a digit"},
      {"NaN", "NaN", "", "line 1, column 1: expected a value"},
      {"comment", "/**/1", "", "line 1, column 1: expected a value"},
      {"NUL byte after", std::string("1\0", 2), "", "line 1, column 2: something follows the value"},
      {"one level too deep", nested(33), "", "line 1, column 33: too many arrays and objects inside one another"},
      {"one object too deep", nested(32, "{\"a\":", "}"), "", "line 1, column 161: too many arrays and objects"},
      {"very deep", nested(100'000), "", "too many arrays and objects inside one another"},
      {"very deep and open", std::string(100'000, '['), "", "too many arrays and objects inside one another"},
      {"duplicate key", "{\"a\":1,\"b\":2,\"a\":3}", "/a", "line 1, column 14: a key occurs twice"},
      {"duplicate key, once escaped", "{\"a\":1,\n \"\\u0061\":3}", "/a", "line 2, column 2: a key occurs twice"},
      {"duplicate key inside", "{\"a\":[0,{\"/\":1,\"/\":2}]}", "/a/1/~1", "line 1, column 16: a key occurs twice"},
      {"duplicate key after values of every kind",
       "{\"é\":{\"a\":[],\"b\":{}},\"c\":null,\n\"d\":[[1],\"x\",true],\"e\":1.5, \"c\":{\"c\":1}}", "/c",
       "line 2, column 29: a key occurs twice"},
      {"the second of three", "{\"a\":1,\n\"a\":2,\n\"a\":3}", "/a", "line 2, column 1: a key occurs twice"},
      {"duplicate empty key", "{\"\":1,\"\":2}", "/", "line 1, column 7: a key occurs twice"},
      {"duplicate in the small object", keys(15, "key0"), "/key0", "line 1, column"},
      {"duplicate in the large object", keys(16, "key7"), "/key7", "line 1, column"},
      {"duplicate in a very large object", keys(20'000, "key9"), "/key9", "a key occurs twice"},
      {"too long", std::string((1 << 20) + 1, ' '), "", "the text is longer than 1048576 bytes"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto document = Document::parse(c.text);
    if (document) {
      ADD_FAILURE() << "accepted";
      continue;
    }
    EXPECT_EQ(document.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(document.error().reason, "malformed_json");
    ASSERT_EQ(document.error().faults.size(), 1u);
    EXPECT_EQ(document.error().faults[0].code, "malformed_json");
    EXPECT_EQ(document.error().faults[0].where, c.where);
    EXPECT_NE(document.error().message.find(c.detail), std::string::npos) << document.error().message;
  }
}

TEST(Document, AcceptsUpToItsLimits) {
  EXPECT_TRUE(Document::parse(nested(32)));
  EXPECT_TRUE(Document::parse(nested(31, "{\"a\":", "}")));
  EXPECT_TRUE(Document::parse(keys(15, "other")));
  EXPECT_TRUE(Document::parse(keys(20'000, "other")));
  EXPECT_TRUE(Document::parse("{\"a\":{\"a\":{\"a\":1}}}"));
  EXPECT_TRUE(Document::parse("[{\"a\":1},{\"a\":1}]"));
  EXPECT_TRUE(Document::parse("\"\xED\x9F\xBF\xF0\x9F\x98\x80\""));
  EXPECT_TRUE(Document::parse(std::string((1 << 20) - 1, ' ') + "1"));
}

TEST(Document, ShowsItsValues) {
  const auto document = Document::parse(R"({"null":null,"yes":true,"no":false,"text":"a\u00e9\ud83d\ude00\u0000",)"
                                        R"("list":[1,[],{}],"deep":{"k/~":[0,1.5]}})");
  ASSERT_TRUE(document);
  const Value root = document->root();
  EXPECT_EQ(root.type(), Type::object);
  EXPECT_EQ(root.size(), 6u);
  EXPECT_TRUE(root.find("null")->is_null());
  EXPECT_TRUE(root.find("yes")->boolean());
  EXPECT_FALSE(root.find("no")->boolean());
  EXPECT_EQ(root.find("text")->text(), std::string_view("a\xC3\xA9\xF0\x9F\x98\x80\0", 8));
  EXPECT_FALSE(root.find("missing"));
  const Value list = *root.find("list");
  EXPECT_EQ(list.size(), 3u);
  std::string pointers;
  for (const Value element : list.children()) pointers += element.pointer() + " ";
  EXPECT_EQ(pointers, "/list/0 /list/1 /list/2 ");
  const Value deep = *root.find("deep");
  const Value half = *++deep.find("k/~")->children().begin();
  EXPECT_EQ(half.pointer(), "/deep/k~1~0/1");
  EXPECT_EQ(half.decimal(), "1.5");
  EXPECT_EQ(root.pointer(), "");
  EXPECT_THROW((void)half.text(), BrokenInvariant);
}

TEST(Document, ReadsNumbersExactly) {
  struct Case {
    const char* text;
    const char* decimal;
    bool integer;
  };
  constexpr Case cases[] = {
      {"0", "0", true},
      {"-0", "0", true},
      {"1", "1", true},
      {"-1", "-1", true},
      {"9223372036854775807", "9223372036854775807", true},
      {"18446744073709551615", "18446744073709551615", false},
      {"1.0", "1", false},
      {"1.5", "1.5", false},
      {"0.1", "0.1", false},
      {"0.30000000000000004", "0.30000000000000004", false},
      {"1e-6", "0.000001", false},
      {"1E3", "1000", false},
      {"999999999.999999", "999999999.999999", false},
      {"0.1000000000000000055511151231257827", "0.1", false},
      {"1e22", "10000000000000000000000", false},
      {"-2.5", "-2.5", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto document = Document::parse(c.text);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root().decimal(), c.decimal);
    EXPECT_EQ(document->root().integer().has_value(), c.integer);
  }
  EXPECT_EQ(Document::parse("1e308")->root().decimal().size(), 309u);
}

TEST(Document, SeveralLiveAtOnceAndAcrossThreads) {
  auto first = Document::parse("[\"first\"]");
  auto second = Document::parse("[\"second\"]");
  EXPECT_EQ((*first->root().children().begin()).text(), "first");
  EXPECT_EQ((*second->root().children().begin()).text(), "second");
  std::thread([moved = *std::move(first)] { EXPECT_EQ((*moved.root().children().begin()).text(), "first"); }).join();
  EXPECT_EQ((*second->root().children().begin()).text(), "second");
}

// Two readers written apart: simdjson decides, and ours finds a reason exactly when simdjson refuses.
TEST(Document, AgreesWithTheScannerThatExplains) {
  const std::string seeds[] = {
      R"({"a":[1,-2.5e3,true,null,{"b":"x\u00e9\ud83d\ude00"}],"c":""})",
      "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\",\"\\ud800\\udc00\",18446744073709551615,-9223372036854775808,1e308]",
      R"( [ 0.1 , [ ] , { } , "\"\\\/\b\f\n\r\t" , false ] )",
  };
  const std::string_view pieces[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ",",
                                     ":",
                                     "\"",
                                     "\\",
                                     "\\u",
                                     "d8",
                                     "dc00",
                                     "\\udfff",
                                     "\\udbff",
                                     "0",
                                     "9",
                                     "-",
                                     "+",
                                     ".",
                                     "e",
                                     "E",
                                     "1e9",
                                     " ",
                                     "\n",
                                     "\x01",
                                     "\x80",
                                     "\xC3",
                                     "\xED\xA0\x80",
                                     "\xEF\xBB\xBF",
                                     "\xF4\x90",
                                     "true",
                                     "nul",
                                     "\xFF"};
  const Limits limits{.duplicate_keys = DuplicateKeys::kept};
  std::mt19937 engine(7);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seeds[below(std::size(seeds))];
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      text.replace(at, below(2), pieces[below(std::size(pieces))]);
    }
    const bool parsed = Document::parse(text, limits).has_value();
    const std::string fault = locate_fault(text, limits);
    ASSERT_EQ(parsed, fault.empty()) << testing::PrintToString(text) << " " << fault;
    accepted += parsed ? 1 : 0;
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_LT(accepted, 190'000);
}

TEST(Document, KeepsNothingOfARefusedText) {
  EXPECT_FALSE(Document::parse("{\"a\":1,\"a\":1}"));
  const auto document = Document::parse("{\"b\":1}");
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->root().find("a"));
}

}  // namespace
}  // namespace paylink::json
