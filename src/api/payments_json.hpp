#pragma once

#include <string>

#include "app/list_payments.hpp"

namespace paylink::api {

// A page of payments (contract 1.4): `{"payments":[…],"meta":{…}}`. `amount_refunded`, ours, is there once something
// was given back.
std::string payments_json(const Listed<app::Payment>& payments);

}  // namespace paylink::api
