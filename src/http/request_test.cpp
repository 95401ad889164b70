#include "http/request.hpp"

#include <gtest/gtest.h>

#include "http/hosts.hpp"
#include "http/response.hpp"
#include "http/router.hpp"

namespace paylink::http {
namespace {

using namespace std::string_literals;

TEST(PercentDecode, TakesUtf8Only) {
  const struct {
    const char* name;
    std::string text;
    PlusSign plus;
    std::optional<std::string> decoded;
  } cases[] = {
      {"nothing", "", PlusSign::literal, ""},
      {"plain", "abc", PlusSign::literal, "abc"},
      {"escapes in either case", "%2f%2F", PlusSign::literal, "//"},
      {"plus in a path", "a+b", PlusSign::literal, "a+b"},
      {"plus in a form", "a+b%2B", PlusSign::space, "a b+"},
      {"two bytes", "caf%C3%A9", PlusSign::literal, "caf\xC3\xA9"},
      {"four bytes", "%F0%9F%92%B6", PlusSign::literal, "\xF0\x9F\x92\xB6"},
      {"cut short", "a%2", PlusSign::literal, {}},
      {"a lone percent sign", "%", PlusSign::literal, {}},
      {"not hexadecimal", "%G0", PlusSign::literal, {}},
      {"not hexadecimal, second", "%0x", PlusSign::literal, {}},
      {"NUL", "a%00", PlusSign::literal, {}},
      {"raw NUL", "a\0b"s, PlusSign::literal, {}},
      {"a lone continuation", "%80", PlusSign::literal, {}},
      {"an unfinished sequence", "%C3", PlusSign::literal, {}},
      {"too long for its character", "%C0%AF", PlusSign::literal, {}},
      {"too long in three bytes", "%E0%80%AF", PlusSign::literal, {}},
      {"a surrogate", "%ED%A0%80", PlusSign::literal, {}},
      {"beyond Unicode", "%F4%90%80%80", PlusSign::literal, {}},
      {"Latin-1", "caf%E9", PlusSign::literal, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(percent_decode(c.text, c.plus), c.decoded);
  }
}

TEST(PercentEncode, EscapesWhatMeansSomething) {
  EXPECT_EQ(percent_encode("a b/\xC3\xA9&="), "a%20b%2F%C3%A9%26%3D");
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
}

TEST(ParsePairs, ReadsForms) {
  const struct {
    const char* name;
    std::string text;
    std::optional<Pairs> pairs;
  } cases[] = {
      {"nothing", "", Pairs{}},
      {"one", "a=b", Pairs{{"a", "b"}}},
      {"in order, repeated", "a=1&b=2&a=3", Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}},
      {"no value", "a&b=", Pairs{{"a", ""}, {"b", ""}}},
      {"no name", "=a", Pairs{{"", "a"}}},
      {"empty pairs", "&&a=b&", Pairs{{"a", "b"}}},
      {"a second equals sign", "a=b=c", Pairs{{"a", "b=c"}}},
      {"decoded", "a%26=b+%3D", Pairs{{"a&", "b ="}}},
      {"brackets", "status[]=open", Pairs{{"status[]", "open"}}},
      {"broken name", "%=a", {}},
      {"broken value", "a=%zz", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(parse_pairs(c.text), c.pairs);
  }
}

TEST(ParsePairs, TakesAThousand) {
  std::string text = "a=b";
  for (int i = 1; i < 1000; ++i) text += "&a=b";
  EXPECT_EQ(parse_pairs(text).value_or(Pairs{}).size(), 1000U);
  EXPECT_FALSE(parse_pairs(text + "&a=b"));
}

TEST(Request, FindsTheOnlyField) {
  Request request;
  request.fields = {{"Accept", "a"}, {"X-Two", "1"}, {"x-two", "2"}};
  EXPECT_EQ(request.field("accept"), "a");
  EXPECT_EQ(request.field("X-Two"), std::nullopt);
  EXPECT_EQ(request.field("Accep"), std::nullopt);
  EXPECT_EQ(request.count("X-TWO"), 2U);
  EXPECT_EQ(request.count("X-Three"), 0U);
}

TEST(PathTable, FindsRoutes) {
  PathTable table;
  table.add(Method::get, "/", 0);
  table.add(Method::post, "/v2/links", 1);
  table.add(Method::get, "/v2/links", 2);
  table.add(Method::get, "/v2/links/{id}", 3);
  table.add(Method::get, "/v2/links/methods", 4);
  table.add(Method::post, "/v2/links/{id}/{action}", 5);
  table.add(Method::get, "/{organization}", 6);
  const struct {
    Method method;
    std::string path;
    Matched matched;
    std::size_t index;
    std::vector<std::string> values;
    std::string allow;
  } cases[] = {
      {Method::get, "/", Matched::found, 0, {}, ""},
      {Method::head, "/", Matched::found, 0, {}, ""},
      {Method::post, "/v2/links", Matched::found, 1, {}, ""},
      {Method::get, "/v2/links/7", Matched::found, 3, {"7"}, ""},
      {Method::get, "/v2/links/a%2Fb", Matched::found, 3, {"a%2Fb"}, ""},
      {Method::get, "/v2/links/{}", Matched::found, 3, {"{}"}, ""},
      {Method::get, "/v2/links/methods", Matched::found, 4, {}, ""},
      {Method::post, "/v2/links/7/stop", Matched::found, 5, {"7", "stop"}, ""},
      {Method::get, "/acme", Matched::found, 6, {"acme"}, ""},
      {Method::put, "/v2/links", Matched::no_such_method, 0, {}, "POST, GET, HEAD"},
      {Method::post, "/v2/links/methods", Matched::no_such_method, 0, {}, "GET, HEAD"},
      {Method::other, "/", Matched::no_such_method, 0, {}, "GET, HEAD"},
      {Method::head, "/v2/links/7/stop", Matched::no_such_method, 0, {}, "POST"},
      {Method::get, "/v2/links/", Matched::no_such_path, 0, {}, ""},
      {Method::get, "/v2/links/7/stop/now", Matched::no_such_path, 0, {}, ""},
      {Method::get, "//", Matched::no_such_path, 0, {}, ""},
      {Method::get, "/V2/links", Matched::no_such_path, 0, {}, ""},
      {Method::get, "", Matched::no_such_path, 0, {}, ""},
      {Method::get, std::string(1000, '/'), Matched::no_such_path, 0, {}, ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    const auto match = table.find(c.method, c.path);
    EXPECT_EQ(match.matched, c.matched);
    EXPECT_EQ(match.allow, c.allow);
    if (c.matched == Matched::found) {
      EXPECT_EQ(match.index, c.index);
    }
    ASSERT_EQ(match.path.count, c.values.size());
    for (std::size_t i = 0; i < c.values.size(); ++i) EXPECT_EQ(match.path.values[i], c.values[i]);
  }
}

TEST(PathTable, RefusesTheSameRouteTwice) {
  PathTable table;
  table.add(Method::get, "/a/{b}", 0);
  table.add(Method::post, "/a/{b}", 1);
  EXPECT_THROW(table.add(Method::get, "/a/{c}", 2), BrokenInvariant);
  EXPECT_THROW(table.add(Method::get, "a", 2), BrokenInvariant);
  EXPECT_THROW(table.add(Method::get, "/{a}/{b}/{c}/{d}/{e}", 2), BrokenInvariant);
}

TEST(Response, AddsFields) {
  Response response;
  response.add_field("A", "b").add_field("C", "caf\xC3\xA9");
  EXPECT_EQ(response.fields, "A: b\r\nC: caf\xC3\xA9\r\n");
  EXPECT_THROW(response.add_field("A", "b\r\nC: d"), BrokenInvariant);
  EXPECT_THROW(response.add_field("A\n", "b"), BrokenInvariant);
  EXPECT_THROW(response.add_field("A", "b\0"s), BrokenInvariant);
}

TEST(Hosts, SpellsAddressesInOneWay) {
  EXPECT_EQ(canonical_address("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(canonical_address("::ffff:127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(canonical_address("2001:DB8:0:0::1"), "2001:db8::1");
  for (const char* text : {"", "127.1", "localhost", "1.2.3.4:80", "[::1]", "1.2.3.4 "})
    EXPECT_EQ(canonical_address(text), std::nullopt) << text;
}

}  // namespace
}  // namespace paylink::http
