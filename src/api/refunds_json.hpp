#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/movement.hpp"
#include "domain/page.hpp"

namespace paylink::api {

// `{"refund":{"amount":{"value":"5.00","currency":"EUR"}}}`; without an amount, or with null, it is what is left of the
// payment, and absent here. Fails with every fault of the body.
Result<std::optional<Money>> decode_refund(std::string_view body);

// `{"refund":{…}}`
std::string created_refund_json(const Refund& refund);
// `{"refunds":[…],"meta":{…}}`
std::string refunds_json(const Listed<Refund>& refunds);
// `{"chargebacks":[…],"meta":{…}}`
std::string chargebacks_json(const Listed<Chargeback>& chargebacks);

}  // namespace paylink::api
