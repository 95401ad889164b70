#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace paylink {
namespace {

TEST(Utf8, IsTheShortestFormOfACodePoint) {
  struct Case {
    std::string bytes;
    bool is_utf8;
    CodePoint first;
  };
  const Case cases[] = {
      {"a", true, {'a', 1}},
      {"\u00e9x", true, {0xE9, 2}},
      {"\u20AC", true, {0x20AC, 3}},
      {"\U0001F600", true, {0x1F600, 4}},
      {"\xF4\x8F\xBF\xBF", true, {0x10FFFF, 4}},
      {"\xC0\xAF", false, {}},          // too long for what it says
      {"\xE0\x80\xAF", false, {}},      // the same
      {"\xED\xA0\x80", false, {}},      // half a surrogate
      {"\xF4\x90\x80\x80", false, {}},  // beyond the last
      {"\xE2\x82", false, {0xE2, 1}},   // cut off
      {"\x80", false, {0x80, 1}},
      {"\xFF", false, {0xFF, 1}},
  };
  EXPECT_TRUE(is_utf8(""));
  for (const Case& c : cases) {
    SCOPED_TRACE(::testing::PrintToString(c.bytes));
    EXPECT_EQ(is_utf8(c.bytes), c.is_utf8);
    EXPECT_EQ(is_utf8("before" + c.bytes), c.is_utf8);
    if (c.first.bytes == 0) continue;
    EXPECT_EQ(first_code_point(c.bytes).value, c.first.value);
    EXPECT_EQ(first_code_point(c.bytes).bytes, c.first.bytes);
  }
}

TEST(Utf8, ALineHasNoControlCharacter) {
  using namespace std::string_literals;
  for (const std::string& line : {""s, "Zoë & Söhne, 漢字 😀"s, "\u00A0"s, "\u0920"s})
    EXPECT_TRUE(is_line(line)) << line;
  for (const std::string& text : {"a\nb"s, "\t"s, "a\0"s, "\x7F"s, "\u0085"s, "\u009F"s, "Caf\xE9"s, "\xC2"s})
    EXPECT_FALSE(is_line(text)) << text;
}

TEST(Utf8, IsTextWhateverHasCome) {
  using namespace std::string_literals;
  const struct {
    const char* name;
    std::string bytes, text;
  } cases[] = {
      {"nothing", "", ""},
      {"text", "Zoë 漢字 😀\n", "Zoë 漢字 😀\n"},
      {"NUL", "a\0b"s, "a\uFFFDb"},
      {"no UTF-8", "Caf\xE9!", "Caf\uFFFD!"},
      {"each byte for itself", "\xC0\xAF", "\uFFFD\uFFFD"},
      {"cut off", "10 \xE2\x82", "10 \uFFFD\uFFFD"},
      {"cut off, and more",
       "\xE2\x82"
       "a",
       "\uFFFD\uFFFDa"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(as_text(c.bytes), c.text);
    EXPECT_EQ(is_text(c.bytes), c.bytes == c.text);
    EXPECT_TRUE(is_text(as_text(c.bytes)));
  }
}

}  // namespace
}  // namespace paylink
