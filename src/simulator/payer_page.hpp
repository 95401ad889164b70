#pragma once

#include <cstdint>
#include <string>

#include "pages/site.hpp"

namespace paylink::simulator {

// A payment as the payer's pages show it.
struct PayerView {
  std::string description;
  std::string amount_value;  // Mollie's amount: "13.30" and "EUR"
  std::string amount_currency;
  std::string method;  // Mollie's name: "creditcard", "applepay", "paypal", "ideal"; shown as it is when unknown
};

// The page where a tester decides how a payment ends. Its form sends `outcome`: `paid`, `failed`, `canceled`, `pending`
// or `expired`, to `action` on the same origin.
http::Response payer_page(const pages::Language& language, const PayerView& payment, const std::string& action);

struct FinishedView {
  PayerView payment;
  std::string outcome;       // Mollie's status: "paid"
  std::string redirect_url;  // where the payer goes back to; empty: nowhere
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
