#include "domain/email.hpp"

#include <gtest/gtest.h>

#include <string>

namespace paylink {
namespace {

TEST(Email, IsRecognised) {
  struct Case {
    const char* name;
    std::string text;
    bool good;
  };
  const Case cases[] = {
      {"ordinary", "ada@example.com", true},
      {"plus and dots", "ada.l+shop@mail.example.co.uk", true},
      {"host without a dot", "ada@localhost", true},
      {"beyond ASCII", "ада@пример.рф", true},
      {"no UTF-8", "ren\xE9@example.com", false},
      {"254 bytes", std::string(242, 'a') + "@example.com", true},
      {"255 bytes", std::string(243, 'a') + "@example.com", false},
      {"empty", "", false},
      {"no at", "ada.example.com", false},
      {"two ats", "ada@b@example.com", false},
      {"nothing before the at", "@example.com", false},
      {"nothing after the at", "ada@", false},
      {"space", "ada l@example.com", false},
      {"line break: a header could be injected", "ada@example.com\r\nBcc: x@y.z", false},
      {"empty label", "ada@example..com", false},
      {"dot at the end", "ada@example.com.", false},
      {"angle brackets", "<ada@example.com>", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(is_email(c.text), c.good);
  }
}

TEST(Email, IsMasked) {
  EXPECT_EQ(masked_email("ada@example.com"), "a…@example.com");
  EXPECT_EQ(masked_email("a@b"), "a…@b");
  EXPECT_EQ(masked_email("ада@пример.рф"), "а…@пример.рф");
}

}  // namespace
}  // namespace paylink
