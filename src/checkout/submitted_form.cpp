#include "checkout/submitted_form.hpp"

#include <algorithm>

#include "domain/email.hpp"
#include "http/request.hpp"

namespace paylink::checkout {
namespace {

constexpr std::size_t email_shown_max = 1000;  // what is sent back to be corrected stays within reason

std::string without_spaces_around(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

}  // namespace

Result<SubmittedForm> read_submitted_form(std::string_view body) {
  const auto pairs = http::parse_pairs(body);
  if (!pairs) return fail(ErrorCode::invalid_input, "form_expired", "This form cannot be read. Open the link again.");
  SubmittedForm form;
  for (const auto& [name, value] : *pairs) {
    if (name == "token") form.token = value;
    if (name == "email") form.email = without_spaces_around(value);
    if (name == "method") form.method = payment_method_names.parse(value);
    if (name == "start_over" && value == "1") form.start_over = app::StartOver::yes;
  }
  if (form.email.empty())
    form.faults.push_back(FormFault::email_missing);
  else if (!is_email(form.email))
    form.faults.push_back(FormFault::email_invalid);
  if (!form.method) form.faults.push_back(FormFault::method_missing);
  if (form.email.size() > email_shown_max) form.email.clear();
  return form;
}

}  // namespace paylink::checkout
