#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace paylink {
namespace {

TEST(Uuid, IsReadInItsCanonicalFormOnly) {
  const std::string canonical = "0190163d-8694-739b-aea5-966c26f8ad91";
  struct Case {
    std::string name, text;
    bool good;
  };
  const Case cases[] = {
      {"canonical", canonical, true},
      {"upper case", "0190163D-8694-739B-AEA5-966C26F8AD91", true},
      {"empty", "", false},
      {"one short", canonical.substr(1), false},
      {"one long", canonical + "0", false},
      {"no dashes", "0190163d8694739baea5966c26f8ad91", false},
      {"in braces", "{" + canonical + "}", false},
      {"dash out of place", "0190163d8-694-739b-aea5-966c26f8ad91", false},
      {"no digit", "0190163g-8694-739b-aea5-966c26f8ad91", false},
      {"a NUL", std::string("0190163d-8694-739b-aea5-966c26f8ad9\0", 36), false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto uuid = Uuid::parse(c.text);
    ASSERT_EQ(uuid.has_value(), c.good);
    if (!uuid) continue;
    EXPECT_EQ(uuid->text(), canonical);
  }
}

TEST(Uuid, SaysItsVersionAndVariant) {
  SystemRandom random;
  for (int i = 0; i < 100; ++i) {
    const std::string v4 = Uuid::v4(random).text(), v7 = Uuid::v7(Time{}, random).text();
    EXPECT_EQ(v4[14], '4');
    EXPECT_EQ(v7[14], '7');
    for (const std::string& text : {v4, v7}) EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
  }
}

TEST(Uuid, Version7FollowsTime) {
  SystemRandom random;
  const Time start = from_microseconds(1'710'925'200'000'000);
  Uuid last;
  for (int i = 0; i < 1'000; ++i) {
    const Uuid next = Uuid::v7(start + std::chrono::milliseconds(i), random);
    EXPECT_LT(last, next);
    last = next;
  }
  // RFC 9562, appendix A.6: 0x017F22E279B0 milliseconds.
  const auto known = Uuid::v7(from_microseconds(0x017F22E279B0 * 1000), random);
  EXPECT_EQ(known.text().substr(0, 13), "017f22e2-79b0");
}

TEST(Uuid, DoesNotRepeat) {
  SystemRandom random;
  std::set<Uuid> seen;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(seen.insert(Uuid::v4(random)).second);
    EXPECT_TRUE(seen.insert(Uuid::v7(Time{}, random)).second);
  }
}

}  // namespace
}  // namespace paylink
