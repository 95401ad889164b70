#pragma once

#include <string>

#include "base/result.hpp"
#include "json/value.hpp"
#include "simulator/amount.hpp"

namespace paylink::simulator {

// The member `lines` of a payment of that amount, as JSON to be given back; empty when there is none. Fails with
// `unprocessable` when the sums are not right, to the cent: docs.mollie.com/reference/create-payment, "lines".
Result<std::string> read_lines(json::Value payment, const Amount& total);

}  // namespace paylink::simulator
