#include "domain/bank_account_number.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

TEST(Iban, IsCheckedAndWrittenOneWay) {
  // The first four are the examples of the IBAN registry.
  const std::pair<const char*, std::optional<std::string>> cases[] = {
      {"GB29NWBK60161331926819", "GB29NWBK60161331926819"},
      {"DE89 3704 0044 0532 0130 00", "DE89370400440532013000"},
      {"no9386011117947", "NO9386011117947"},
      {"MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"},
      {"FR7716798000010000000000103", "FR7716798000010000000000103"},
      {"DE88370400440532013000", std::nullopt},  // another check digit
      {"DE89370400440532013001", std::nullopt},  // another last digit
      {"ED89370400440532013000", std::nullopt},  // letters changed round
      {"DE8937040044053201300", std::nullopt},
      {"NO93860111179", std::nullopt},
      {"D189370400440532013000", std::nullopt},
      {"DEX9370400440532013000", std::nullopt},
      {"DE89-3704-0044-0532-0130-00", std::nullopt},
      {"", std::nullopt},
      {"MT84MALT011000012345MTLCAST001S0000", std::nullopt},
  };
  for (const auto& [text, iban] : cases) EXPECT_EQ(parse_iban(text), iban) << text;
}

TEST(Bic, IsOfEightOrEleven) {
  const std::pair<const char*, std::optional<std::string>> cases[] = {
      {"TRZOFR21XXX", "TRZOFR21XXX"}, {"DEUTDEFF", "DEUTDEFF"},      {"deutdeff500", "DEUTDEFF500"},
      {"E097AEXX", "E097AEXX"},       {"TRZOFR2", std::nullopt},     {"TRZOFR21X", std::nullopt},
      {"TRZO1R21", std::nullopt},     {"TRZOFR21XX ", std::nullopt}, {"", std::nullopt},
  };
  for (const auto& [text, bic] : cases) EXPECT_EQ(parse_bic(text), bic) << text;
}

}  // namespace
}  // namespace paylink
