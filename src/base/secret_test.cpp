#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace paylink {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(Printable<std::string>);
static_assert(!Printable<Secret>, "a secret has no way into a log");
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>);

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  Secret short_one("k"), long_one(std::string(100, 'k'));
  const Secret moved_short(std::move(short_one));
  Secret moved_long;
  moved_long = std::move(long_one);
  EXPECT_EQ(moved_short.reveal(), "k");
  EXPECT_EQ(moved_long.reveal().size(), 100U);
  EXPECT_EQ(short_one.reveal(), "");  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(long_one.reveal(), "");   // NOLINT(bugprone-use-after-move)
}

TEST(Secret, IsEqualToItsTextOnly) {
  const Secret secret("right");
  EXPECT_TRUE(secret.equals("right"));
  for (const std::string wrong : {"", "righ", "rightt", "Right", "wrong"}) EXPECT_FALSE(secret.equals(wrong)) << wrong;
}

TEST(Wipe, Overwrites) {
  std::string text(64, 'x');
  wipe(text.data(), text.size());
  EXPECT_EQ(text, std::string(64, '\0'));
}

}  // namespace
}  // namespace paylink
