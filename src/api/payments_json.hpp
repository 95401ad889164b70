#pragma once

#include <string>

#include "app/list_payments.hpp"

namespace paylink::api {

// A page of payments (contract 1.4): `{"payments":[…],"meta":{…}}`. `amount_refunded` and `amount_charged_back`,
// ours, are there once something was given or taken back.
std::string payments_json(const Listed<app::Payment>& payments);

}  // namespace paylink::api
