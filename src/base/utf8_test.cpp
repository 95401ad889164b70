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

}  // namespace
}  // namespace paylink
