#pragma once

#include "simulator/call.hpp"

// Where the payer's browser goes: a page on which a tester decides how the payment ends.
namespace paylink::simulator {

Result<http::Response> show_payer_page(Call& call);

// The form's answer: moves the payment, then leads back to the shop.
Result<http::Response> decide_payment(Call& call);

// What becomes of a payment that is paid: `outcome=charged_back` is its payer's bank taking it back,
// `outcome=chargeback_reversed` giving that up again. A page with buttons, and what they send.
Result<http::Response> show_state_page(Call& call);
Result<http::Response> change_state(Call& call);

}  // namespace paylink::simulator
