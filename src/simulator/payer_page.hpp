#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pages/site.hpp"
#include "simulator/card_form.hpp"
#include "simulator/test_cards.hpp"

namespace paylink::simulator {

// A payment as the payer's pages show it.
struct PayerView {
  std::string description;
  std::string amount_value;  // Mollie's amount: "13.30" and "EUR"
  std::string amount_currency;
  std::string method;  // Mollie's name: "creditcard", "applepay", "paypal", "ideal"; shown as it is when unknown
  std::string payee;   // empty: not shown
};

// A page of a payment that is under way. Its forms lead to places under `path` ("/checkout/…"). On each a tester may
// also decide at once how the payment ends: that sends `outcome` to `path` itself, which is `paid`, `failed`,
// `canceled`, `pending` or `expired`.
struct PayerPage {
  PayerView payment;
  std::string path;
};

// Sends `method`, Mollie's name of one of `methods`, or cancels the payment.
http::Response selection_page(const pages::Language& language, const PayerPage& page,
                              const std::vector<std::string_view>& methods);
// Sends what `read_card_form` reads; 422 when there are faults.
http::Response card_page(const pages::Language& language, const PayerPage& page, const CardForm& typed);
// What stands in for the page of the bank that the card is from; sends `answer`: approve, refuse or abandon.
http::Response challenge_page(const pages::Language& language, const PayerPage& page, const TestCard& card);
// What stands in for Apple's sheet and PayPal's page; send `answer`: approve.
http::Response apple_pay_page(const pages::Language& language, const PayerPage& page);
http::Response paypal_page(const pages::Language& language, const PayerPage& page);
// iDEAL | Wero: sends `bank`, a BIC; then the page of that bank, which sends `answer`: approve or refuse.
http::Response banks_page(const pages::Language& language, const PayerPage& page);
http::Response bank_page(const pages::Language& language, const PayerPage& page, const TestBank& bank);
// The payer is done and the provider is not.
http::Response pending_page(const pages::Language& language, const PayerPage& page, const std::string& redirect_url);

// Every card and amount that does something of its own.
http::Response test_cards_page(const pages::Language& language);

struct FinishedView {
  PayerView payment;
  std::string outcome;         // Mollie's status: "paid"
  std::string redirect_url;    // where the payer goes back to; empty: nowhere
  std::string failure_reason;  // Mollie's; empty: there is none
};

// Leads back to the shop by a link, and by itself when `Return::at_once`: a redirect out of the form's own POST to
// another origin would be cut off by `form-action 'self'`.
enum class Return : std::uint8_t { by_link, at_once };
http::Response finished_page(const pages::Language& language, const FinishedView& view, Return way);

// The page on which a tester decides what becomes of a payment that is paid: its form sends `outcome`, `charged_back`
// or `chargeback_reversed`, to `action` on the same origin.
enum class Offered : std::uint8_t { no, yes };
struct StateView {
  PayerView payment;
  Offered charge_back;
  Offered reverse;
};
http::Response state_page(const pages::Language& language, const StateView& view, const std::string& action);

// 404.
http::Response unknown_payment_page(const pages::Language& language);

}  // namespace paylink::simulator
