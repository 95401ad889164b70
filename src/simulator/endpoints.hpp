#pragma once

#include "simulator/call.hpp"

// The provider's API, for its clients. Documented by Mollie at docs.mollie.com/reference.
namespace paylink::simulator {

Result<http::Response> create_payment(Call& call);
Result<http::Response> show_payment(Call& call);
Result<http::Response> list_payments(Call& call);
Result<http::Response> update_payment(Call& call);
Result<http::Response> cancel_payment(Call& call);
Result<http::Response> create_refund(Call& call);
Result<http::Response> show_refund(Call& call);
Result<http::Response> list_refunds(Call& call);      // of one payment
Result<http::Response> list_all_refunds(Call& call);  // of the profile
Result<http::Response> cancel_refund(Call& call);
Result<http::Response> list_chargebacks(Call& call);      // of one payment
Result<http::Response> list_all_chargebacks(Call& call);  // of the profile
Result<http::Response> show_chargeback(Call& call);
Result<http::Response> list_methods(Call& call);      // those that are enabled: all of them, wallets when asked for
Result<http::Response> list_all_methods(Call& call);  // those there are
Result<http::Response> show_method(Call& call);

}  // namespace paylink::simulator
