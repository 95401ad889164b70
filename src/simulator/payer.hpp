#pragma once

#include "simulator/call.hpp"

// Where the payer's browser goes: a page on which a tester decides how the payment ends.
namespace paylink::simulator {

Result<http::Response> show_payer_page(Call& call);

// The form's answer: moves the payment, then leads back to the shop.
Result<http::Response> decide_payment(Call& call);

}  // namespace paylink::simulator
