#include "simulator/details.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "simulator/test_cards.hpp"

namespace paylink::simulator {
namespace {

// Stands for what only the other side knows: the same each time, of that many letters and digits.
std::string made_up(std::string_view what, std::string_view about, std::size_t length) {
  std::string text = crypto::to_base32(crypto::sha256(std::string(what).append(about))).substr(0, length);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// 3-D Secure's "authenticated", as each scheme writes it.
std::string_view eci_of(const TestCard& card) { return card.label == "Mastercard" ? "02" : "05"; }

std::string masked(const TestCard& card, std::size_t shown_first) {
  std::string text(card.number);
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(shown_first), text.end() - 4, '*');
  return text;
}

void text_or_null(json::Writer& json, std::string_view name, std::string_view text) {
  if (text.empty())
    json.null(name);
  else
    json.text(name, text);
}

void write_card(json::Writer& json, const Payment& payment) {
  const Details& details = payment.details;
  const TestCard* const known = find_card(details.card);
  const TestCard& card = known != nullptr ? *known : test_cards[0];  // of who let the tester decide at once
  const bool authenticated = details.card_security == "3dsecure";
  json.text("cardNumber", masked(card, 0)).text("cardMaskedNumber", masked(card, 6));
  json.text("cardBin", card.number.substr(0, 6));
  json.text("cardHolder", details.card_holder.empty() ? payer_name : std::string_view(details.card_holder));
  json.text("cardAudience", "consumer").text("cardLabel", card.label).text("cardCountryCode", "NL");
  text_or_null(json, "cardExpiryDate", details.card_expiry);
  json.text("cardFunding", "credit").text("cardSecurity", authenticated ? "3dsecure" : "normal");
  text_or_null(json, "card3dsEci", authenticated ? eci_of(card) : "");
  json.text("cardIssuer", "Test bank").text("cardFingerprint", made_up("card", card.name, 20));
  json.text("feeRegion", card.name == "amex" ? "american-express" : "other");
  text_or_null(json, "failureReason", details.failure_reason);
  text_or_null(json, "failureMessage", details.failure_message);
  text_or_null(json, "wallet", payment.method == "applepay" ? "applepay" : "");
}

void write_paypal(json::Writer& json, const Payment& payment) {
  json.text("consumerName", payer_name).text("consumerAccount", payer_email);
  json.text("paypalReference", made_up("paypal", payment.id, 17));
  json.text("paypalPayerId", made_up("payer", payer_email, 13)).text("sellerProtection", "ELIGIBLE");
  json.null("shippingAddress");
  json.key("paypalFee").begin_object();
  json.text("value", decimal({0, payment.amount.currency})).text("currency", payment.amount.currency).end_object();
}

void write_ideal(json::Writer& json, const Payment& payment) {
  const TestBank* const chosen = find_bank(payment.details.bank);
  const TestBank& bank = chosen != nullptr ? *chosen : test_banks[0];
  json.text("consumerName", payer_name).text("consumerAccount", bank.iban).text("consumerBic", bank.bic);
}

}  // namespace

void write_details(json::Writer& json, const Payment& payment) {
  const bool paid = payment.status == PaymentStatus::paid;
  if (!payment.method || (!paid && payment.status != PaymentStatus::failed)) return;
  const bool card = *payment.method == "creditcard" || *payment.method == "applepay";
  if (!card && !paid) return;
  json.key("details").begin_object();
  if (card) write_card(json, payment);
  if (*payment.method == "paypal") write_paypal(json, payment);
  if (*payment.method == "ideal") write_ideal(json, payment);
  json.end_object();
}

}  // namespace paylink::simulator
