#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "simulator/test_cards.hpp"

namespace paylink::simulator {

enum class CardFault : std::uint8_t {
  number_missing,
  number_invalid,   // no card has it
  number_not_test,  // a card may have it, and it is none of the test cards
  expiry_invalid,
  expiry_past,
  cvc_invalid,
  cvc_invalid_amex,
  holder_invalid,
};

// What a payer sent of a card, without its number and security code, which are gone once they have been looked at.
struct CardForm {
  const TestCard* card = nullptr;  // when the number is that of one
  std::string expiry;              // "09/27"; empty unless it is a month
  std::string holder;              // empty unless it is a name
  std::vector<CardFault> faults;   // in the order of the fields
};

// Reads the form's `number`, `expiry`, `cvc` and `holder`. Fails with `invalid_input` when the body is no such form.
Result<CardForm> read_card_form(std::string_view body, Time now);

}  // namespace paylink::simulator
