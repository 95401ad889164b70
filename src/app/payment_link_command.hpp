#pragma once

#include <variant>

#include "domain/payment_link.hpp"

namespace paylink::app {

// A link somebody wants, already within every rule that needs no storage.
struct CreatePaymentLink {
  PaymentMethods methods;
  Reusable reusable = Reusable::no;
  Money amount;  // gross
  std::variant<Basket, Invoice> subject;
};

}  // namespace paylink::app
