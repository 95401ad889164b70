#pragma once

#include "simulator/call.hpp"

// The provider's API, for its clients. Documented by Mollie at docs.mollie.com/reference.
namespace paylink::simulator {

Result<http::Response> create_payment(Call& call);
Result<http::Response> show_payment(Call& call);
Result<http::Response> list_payments(Call& call);
Result<http::Response> cancel_payment(Call& call);
Result<http::Response> create_refund(Call& call);
Result<http::Response> show_refund(Call& call);
Result<http::Response> list_refunds(Call& call);
Result<http::Response> list_chargebacks(Call& call);
Result<http::Response> show_chargeback(Call& call);
Result<http::Response> list_methods(Call& call);

}  // namespace paylink::simulator
