#include "simulator/test_cards.hpp"

#include <algorithm>

namespace paylink::simulator {
namespace {

static_assert(std::ranges::all_of(test_cards, is_card_number, &TestCard::number));

// In euros, `.00`: https://docs.mollie.com/docs/testing
constexpr std::int64_t first_magic_amount = 1001;
constexpr std::string_view magic_reasons[] = {
    "invalid_card_number",   "invalid_cvv",       "invalid_card_holder_name",
    "card_expired",          "invalid_card_type", "refused_by_issuer",
    "insufficient_funds",    "inactive_card",     "possible_fraud",
    "authentication_failed", "card_declined",
};

}  // namespace

const TestCard* find_card_of_number(std::string_view digits) {
  const auto found = std::ranges::find(test_cards, digits, &TestCard::number);
  return found == std::end(test_cards) ? nullptr : found;
}

const TestCard* find_card(std::string_view name) {
  const auto found = std::ranges::find(test_cards, name, &TestCard::name);
  return found == std::end(test_cards) ? nullptr : found;
}

std::string last_digits(const TestCard& card) {
  return "•••• " + std::string(card.number.substr(card.number.size() - 4));
}

std::string_view magic_failure(const Amount& amount) {
  if (amount.currency != "EUR" || amount.minor % 100 != 0) return {};
  const std::int64_t place = amount.minor / 100 - first_magic_amount;
  if (place < 0 || place >= static_cast<std::int64_t>(std::size(magic_reasons))) return {};
  return magic_reasons[place];
}

const TestBank* find_bank(std::string_view bic) {
  const auto found = std::ranges::find(test_banks, bic, &TestBank::bic);
  return found == std::end(test_banks) ? nullptr : found;
}

}  // namespace paylink::simulator
