#pragma once

#include <string>

#include "simulator/call.hpp"
#include "simulator/payer_page.hpp"
#include "simulator/payments.hpp"

// Where the payer's browser goes: the pages of a method (payer_steps.hpp), on each of which a tester may also decide at
// once how the payment ends.
namespace paylink::simulator {

// The language that the browser asks for.
const pages::Language& language_of(const Call& call);
std::string checkout_path(const Payment& payment);
Result<PayerPage> payer_page_of(const Call& call, const Payment& payment);

Result<http::Response> show_payer_page(Call& call);

// The tester's answer: moves the payment, then leads back to the shop.
Result<http::Response> decide_payment(Call& call);

// What becomes of a payment that is paid: `outcome=charged_back` is its payer's bank taking it back,
// `outcome=chargeback_reversed` giving that up again. A page with buttons, and what they send.
Result<http::Response> show_state_page(Call& call);
Result<http::Response> change_state(Call& call);

}  // namespace paylink::simulator
