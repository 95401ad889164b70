#pragma once

#include <string_view>

#include "base/result.hpp"
#include "simulator/payments.hpp"
#include "simulator/refunds.hpp"

namespace paylink::simulator {

// Reads the body of "create payment". As Mollie does, names one fault at a time. Fails with `invalid_input` for what is
// no JSON, `unprocessable` for the rest.
Result<NewPayment> decode_payment(std::string_view body);

// The same for "update payment": `payment` with what the body changes. null takes away what need not be there.
Result<Payment> decode_update(std::string_view body, Payment payment);

// The same for "create refund" of `payment`.
Result<NewRefund> decode_refund(std::string_view body, const Payment& payment);

}  // namespace paylink::simulator
