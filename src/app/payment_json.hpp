#pragma once

#include "domain/attempt.hpp"
#include "json/writer.hpp"

namespace paylink::app {

// The members of a payment as everybody is shown it (contract 1.4), without the object's braces.
void write_payment_members(json::Writer& json, const Attempt& attempt);

// `"name":{"value":"13.30","currency":"EUR"}`
void write_money_member(json::Writer& json, std::string_view name, const Money& money);

}  // namespace paylink::app
