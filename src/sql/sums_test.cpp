#include "sql/sums.hpp"

#include <gtest/gtest.h>

namespace paylink::sql {
namespace {

Uuid owner(std::uint8_t number) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.back() = number;
  return Uuid(bytes);
}

std::string text_of(const std::vector<Sum>& sums) {
  std::string text;
  for (const Sum& sum : sums)
    text += std::to_string(sum.owner.bytes().back()) + std::string(sum.name) + std::string(sum.statement) +
            std::to_string(sum.amount) + " ";
  return text;
}

TEST(Sums, AreOneForEachCountInOneOrder) {
  Sums sums;
  EXPECT_EQ(text_of(sums.totals()), "");
  for (const auto& [number, name, amount] :
       {std::tuple(2, "b", 1), {1, "b", 1}, {2, "a", 5}, {2, "b", 2}, {1, "a", 1}, {1, "a", -1}, {1, "c", -7}})
    sums.add({owner(static_cast<std::uint8_t>(number)), name, "+", amount, {}});
  sums.add({owner(2), "b", "-", 9, {}});
  EXPECT_EQ(text_of(sums.totals()), "1a+0 1b+1 1c+-7 2a+5 2b+3 2b-9 ");
  EXPECT_EQ(sums.added().size(), 8U);
}

TEST(Sums, LoseWhatWasAddedSince) {
  Sums sums;
  sums.add({owner(1), "a", "+", 1, {}});
  const std::size_t before = sums.size();
  sums.add({owner(1), "a", "+", 10, {}});
  sums.add({owner(1), "b", "+", 10, {}});
  sums.shrink(before);
  EXPECT_EQ(text_of(sums.totals()), "1a+1 ");
  sums.add({owner(1), "a", "+", 1, {}});
  sums.clear();
  EXPECT_EQ(text_of(sums.totals()), "");
}

}  // namespace
}  // namespace paylink::sql
