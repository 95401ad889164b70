#include "base/card_numbers.hpp"

#include <gtest/gtest.h>

namespace paylink {
namespace {

TEST(CardNumbers, AreCutDownToTheirLastDigits) {
  struct Case {
    const char* name;
    const char* text;
    const char* left;
  };
  constexpr Case cases[] = {
      {"nothing", "", ""},
      {"no digits", "a card", "a card"},
      {"alone", "4242424242424242", "************4242"},
      {"in a sentence", "pay 5555555555554444, please", "pay ************4444, please"},
      {"in a path", "/v2/payment_links/4242424242424242/x", "/v2/payment_links/************4242/x"},
      {"as a value", "card=4242424242424242&cvc=1", "card=************4242&cvc=1"},
      {"in groups", "4242 4242 4242 4242", "**** **** **** 4242"},
      {"with hyphens", "4242-4242-4242-4242", "****-****-****-4242"},
      {"of fifteen digits", "3782 822463 10005", "**** ****** *0005"},
      {"of thirteen digits", "4222222222222", "*********2222"},
      {"of nineteen digits", "6304000000000000000", "***************0000"},
      {"behind another number", "7 4242424242424242", "7 ************4242"},
      {"before another number", "4242 4242 4242 4242 12", "**** **** **** 4242 12"},
      {"two", "4242424242424242 5555555555554444", "************4242 ************4444"},
      {"wrong check digit", "4242424242424241", "4242424242424241"},
      {"twelve digits", "424242424242", "424242424242"},
      {"twenty digits", "42424242424242424242", "42424242424242424242"},
      {"two spaces between", "4242  4242 4242 4242", "4242  4242 4242 4242"},
      {"microseconds since 1970", "1710925200000006", "1710925200000006"},
      {"part of a word", "a4242424242424242", "a4242424242424242"},
      {"part of an id", "0000a000-4242-4242-4242-42420000a000", "0000a000-4242-4242-4242-42420000a000"},
      {"groups of an id", "a-4242-4242-4242-4242-b", "a-4242-4242-4242-4242-b"},
      {"a trace id", "42424242424242424242424242424242", "42424242424242424242424242424242"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(without_card_numbers(c.text), c.left);
  }
}

}  // namespace
}  // namespace paylink
