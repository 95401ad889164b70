#pragma once

#include "json/writer.hpp"
#include "simulator/payments.hpp"

namespace paylink::simulator {

// The member `details` of a payment: what a client learns of how it was paid, or why not. Left out while there is
// nothing to tell. Of a card there are the first six and last four digits.
void write_details(json::Writer& json, const Payment& payment);

}  // namespace paylink::simulator
