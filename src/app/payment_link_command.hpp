#pragma once

#include <variant>

#include "domain/metadata.hpp"
#include "domain/payment_link.hpp"

namespace paylink::app {

// A link somebody wants, already within every rule that needs no storage.
struct CreatePaymentLink {
  PaymentMethods methods;
  Reusable reusable = Reusable::no;
  Money amount;  // gross
  std::variant<Basket, Invoice> subject;
  std::optional<Time> expiration_date{};  // absent: a year from now
  Metadata metadata{};
  std::string metadata_json{};  // the same, as PaymentLink has it
};

}  // namespace paylink::app
