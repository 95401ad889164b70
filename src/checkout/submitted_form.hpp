#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/payments.hpp"
#include "base/result.hpp"
#include "checkout/link_page.hpp"

namespace paylink::checkout {

// What was typed into a link's form; faults say what has to be typed again. Without a fault there are an e-mail address
// and a method.
struct SubmittedForm {
  std::string token;  // not yet believed
  std::string email;  // without spaces around it; of at most 1000 bytes, else empty
  std::optional<PaymentMethod> method{};
  app::StartOver start_over = app::StartOver::no;
  std::vector<FormFault> faults{};
};

// The body of the form (checkout/link_page.hpp names its fields). Fails with `form_expired` for what is no form.
Result<SubmittedForm> read_submitted_form(std::string_view body);

}  // namespace paylink::checkout
