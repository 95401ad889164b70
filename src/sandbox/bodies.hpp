#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/names.hpp"
#include "domain/organization.hpp"
#include "domain/payment_method.hpp"

namespace paylink::sandbox {

// The bodies of the sandbox's own routes. Each of JSON fails with every fault of it.

// What the payer at the provider's page does, and later his bank.
enum class Outcome : std::uint8_t { paid, failed, canceled, pending, expired, charged_back, chargeback_reversed };

inline constexpr auto outcome_names = names<Outcome>({
    {Outcome::paid, "paid"},
    {Outcome::failed, "failed"},
    {Outcome::canceled, "canceled"},
    {Outcome::pending, "pending"},
    {Outcome::expired, "expired"},
});

struct Advance {
  std::chrono::seconds by;
};

struct Pay {
  PaymentLinkId link;
  PaymentMethod method;
  std::string debitor_email;
  Outcome outcome;
};

// What becomes of a payment that is there; the last two of one that is paid.
inline constexpr auto settled_names = names<Outcome>({
    {Outcome::paid, "paid"},
    {Outcome::failed, "failed"},
    {Outcome::canceled, "canceled"},
    {Outcome::pending, "pending"},
    {Outcome::expired, "expired"},
    {Outcome::charged_back, "charged_back"},
    {Outcome::chargeback_reversed, "chargeback_reversed"},
});

// What becomes of a connection.
enum class Decision : std::uint8_t { enable, disable };

Result<Advance> decode_advance(std::string_view body);    // {"advance":"72h"}
Result<Pay> decode_pay(std::string_view body);            // {"payment_link_id":…,"payment_method":…,…}
Result<Outcome> decode_outcome(std::string_view body);    // {"outcome":"paid"}, of settled_names
Result<Decision> decode_wanted(std::string_view body);    // {"status":"enabled"}
Result<Decision> decode_decision(std::string_view form);  // decision=enable, and nothing else, else `bad_request`

}  // namespace paylink::sandbox
