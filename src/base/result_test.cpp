#include "base/result.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

Result<std::string> text(bool is_there) {
  if (!is_there) return fail(ErrorCode::conflict, "gone", "It is gone.", "row 7");
  return std::string("a text that is too long to be kept in place");
}

Result<std::size_t> length(bool is_there) {
  const std::string found = TRY(text(is_there));
  return found.size();
}

Result<> check(bool is_there) {
  TRY(length(is_there));
  return {};
}

TEST(Result, HandsOnWhatWentWrong) {
  EXPECT_EQ(*length(true), 43U);
  EXPECT_TRUE(check(true).has_value());
  const Result<> failed = check(false);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::conflict);
  EXPECT_EQ(failed.error().reason, "gone");
  EXPECT_EQ(failed.error().message, "It is gone.");
  EXPECT_EQ(failed.error().detail, "row 7");
}

TEST(Result, CopiesHaveErrorsOfTheirOwn) {
  const Result<std::string> first = text(false);
  Result<std::string> second = first;
  second.error().reason = "other";
  EXPECT_EQ(first.error().reason, "gone");
  second = first;
  EXPECT_EQ(second.error().reason, "gone");
  second = text(true);
  EXPECT_EQ(*second, *text(true));
  second = first;
  EXPECT_FALSE(second);
  Failure failure = fail(ErrorCode::conflict, "gone", "");
  const Failure& itself = failure;
  failure = itself;
  EXPECT_EQ(failure.error().reason, "gone");
}

// Nothing may look like a success because somebody took the error out of it.
TEST(Result, StaysAFailureWhenItsErrorIsTaken) {
  Result<> nothing = check(false);
  Result<std::string> some = text(false);
  const Failure taken[] = {std::move(nothing).failure(), std::move(some).failure()};
  for (const Failure& failure : taken) EXPECT_EQ(failure.error().reason, "gone");
  EXPECT_FALSE(nothing);  // NOLINT(bugprone-use-after-move): what is left of it
  EXPECT_FALSE(some);     // NOLINT(bugprone-use-after-move)
}

TEST(Result, OfAFailureThatSaysNothingIsInternal) {
  const Result<int> failed = Failure{};
  EXPECT_EQ(failed.error().code, ErrorCode::internal);
  EXPECT_EQ(failed.error().reason, "");
}

}  // namespace
}  // namespace paylink
