#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkout/summary.hpp"

namespace paylink::checkout {

enum class FormFault : std::uint8_t { email_missing, email_invalid, method_missing, method_unavailable };

// The form that starts a payment. It is sent as `token`, `email`, `method` (a name of `payment_method_names`) and, when
// a payment was already begun, `start_over=1`.
struct PayForm {
  std::string action;  // path and query of the link
  std::string token;
  PaymentMethods methods;  // of the link; iDEAL is left out unless the amount is in euro
  std::string email{};     // as entered before
  std::optional<PaymentMethod> method{};
  std::vector<FormFault> faults{};
};

// A payment at the provider that nobody has finished.
struct BegunPayment {
  std::string continue_url;  // the provider's page; empty when there is none any more
};

struct LinkPage {
  Summary summary;
  PayForm form;
  std::optional<BegunPayment> begun{};
};

// 200, or 422 when the form has faults.
http::Response link_page(const pages::Language& language, const LinkPage& view);

// The methods of `methods` that an amount in this currency can be paid with.
PaymentMethods usable_methods(const PaymentMethods& methods, Currency currency);

}  // namespace paylink::checkout
