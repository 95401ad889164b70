#pragma once

#include "simulator/call.hpp"
#include "simulator/payments.hpp"

// What the payer does between the checkout's first page and the payment's end, per method. Whatever comes too late (a
// second tab, the back button) leads to the page that tells how the payment stands, and decides nothing.
namespace paylink::simulator {

// The page of the payment's method, or the selection of one.
Result<http::Response> show_method_page(Call& call, const Payment& payment);
// Moves a payment that its payer is done with, and keeps what there is to tell of it: a card that amount or number
// declines makes `paid` a `failed`.
Result<> conclude(Call& call, Payment payment, PaymentStatus outcome);

Result<http::Response> show_selection(Call& call);
Result<http::Response> choose_method(Call& call);
Result<http::Response> pay_by_card(Call& call);
Result<http::Response> show_challenge(Call& call);
Result<http::Response> answer_challenge(Call& call);
Result<http::Response> pay_by_wallet(Call& call);
Result<http::Response> show_bank(Call& call);
Result<http::Response> choose_or_answer_bank(Call& call);
Result<http::Response> show_test_cards(Call& call);

}  // namespace paylink::simulator
