#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/amount.hpp"

namespace paylink::simulator {

enum class Challenge : std::uint8_t { never, always };

// A card that the payer's page takes. All other numbers are refused there, and none is ever kept: a payment remembers
// the name.
struct TestCard {
  std::string_view name;
  std::string_view number;
  std::string_view label;           // as Mollie spells the scheme
  Challenge challenge;              // whether the payer's bank asks (3-D Secure)
  std::string_view failure_reason;  // Mollie's name for why it is declined; empty: it is not
};

inline constexpr TestCard test_cards[] = {
    {"visa", "4242424242424242", "Visa", Challenge::never, ""},
    {"visa_challenge", "4543474002249996", "Visa", Challenge::always, ""},
    {"mastercard", "2223000010479399", "Mastercard", Challenge::never, ""},
    {"mastercard_challenge", "5555555555554444", "Mastercard", Challenge::always, ""},
    {"amex", "378282246310005", "American Express", Challenge::never, ""},
    // The third group is the amount, in euros, that fails in the same way; the reasons after 1011 have none.
    {"invalid_card_number", "4000000010010009", "Visa", Challenge::never, "invalid_card_number"},
    {"invalid_cvv", "4000000010020008", "Visa", Challenge::never, "invalid_cvv"},
    {"invalid_card_holder_name", "4000000010030007", "Visa", Challenge::never, "invalid_card_holder_name"},
    {"card_expired", "4000000010040006", "Visa", Challenge::never, "card_expired"},
    {"invalid_card_type", "4000000010050005", "Visa", Challenge::never, "invalid_card_type"},
    {"refused_by_issuer", "4000000010060004", "Visa", Challenge::never, "refused_by_issuer"},
    {"insufficient_funds", "4000000010070003", "Visa", Challenge::never, "insufficient_funds"},
    {"inactive_card", "4000000010080002", "Visa", Challenge::never, "inactive_card"},
    {"possible_fraud", "4000000010090001", "Visa", Challenge::never, "possible_fraud"},
    {"authentication_failed", "4000000010100008", "Visa", Challenge::never, "authentication_failed"},
    {"card_declined", "4000000010110007", "Visa", Challenge::never, "card_declined"},
    {"authentication_required", "4000000010120006", "Visa", Challenge::never, "authentication_required"},
    {"authentication_unavailable_acs", "4000000010130005", "Visa", Challenge::never, "authentication_unavailable_acs"},
    {"authentication_abandoned", "4000000010140004", "Visa", Challenge::never, "authentication_abandoned"},
    {"unknown_reason", "4000000010150003", "Visa", Challenge::never, "unknown_reason"},
};

// The check digit of ISO/IEC 7812-1, of 12 to 19 digits.
constexpr bool is_card_number(std::string_view digits) {
  if (digits.size() < 12 || digits.size() > 19) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (c < '0' || c > '9') return false;
    const int digit = (c - '0') * (i % 2 == 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

const TestCard* find_card_of_number(std::string_view digits);
const TestCard* find_card(std::string_view name);

// "•••• 4242", for people.
std::string last_digits(const TestCard& card);

// Why a card payment of that amount fails at the real provider's test mode; empty: it does not.
std::string_view magic_failure(const Amount& amount);

// A bank of iDEAL | Wero that there is not, and whose account pays.
struct TestBank {
  std::string_view bic;
  std::string_view name;
  std::string_view iban;
};
inline constexpr TestBank test_banks[] = {
    {"TULPNL2A", "Tulpenbank", "NL07TULP0123456789"},
    {"MOLNNL2A", "Molenbank", "NL65MOLN0123456789"},
    {"GRACNL2A", "Grachtenbank", "NL08GRAC0123456789"},
};
const TestBank* find_bank(std::string_view bic);

// Who pays on every test page.
inline constexpr std::string_view payer_name = "Tess Tester";
inline constexpr std::string_view payer_email = "tess.tester@example.com";

}  // namespace paylink::simulator
