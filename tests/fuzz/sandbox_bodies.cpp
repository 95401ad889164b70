// The bodies of the sandbox's own routes (sandbox/bodies), all of them read from the same text. What is accepted is one
// of the few things that can be asked for.
#include <string>

#include "body_faults.hpp"
#include "domain/email.hpp"
#include "http/request.hpp"
#include "input.hpp"
#include "sandbox/bodies.hpp"

namespace paylink {
namespace {

template <class T>
bool is_accepted(const Result<T>& result) {
  if (!result) fuzz::check_faults(result.error());
  return result.has_value();
}

void check_json(std::string_view body) {
  if (const auto advance = sandbox::decode_advance(body); is_accepted(advance))
    ENSURE(advance->by.count() >= 0 && advance->by <= std::chrono::days(36'600));
  const auto outcome = sandbox::decode_outcome(body);
  if (is_accepted(outcome))
    ENSURE(body.find('"' + std::string(sandbox::settled_names.name(*outcome))) < body.size() ||
           body.find('\\') < body.size());
  if (const auto pay = sandbox::decode_pay(body); is_accepted(pay)) {
    fuzz::check_text(pay->debitor_email, 1, 254);
    ENSURE(is_email(pay->debitor_email) && !payment_method_names.name(pay->method).empty());
    ENSURE(outcome.has_value() && *outcome == pay->outcome);
  }
  if (const auto wanted = sandbox::decode_wanted(body); is_accepted(wanted))
    ENSURE(*wanted == sandbox::Decision::enable || *wanted == sandbox::Decision::disable);
}

void check_form(std::string_view form) {
  const auto decision = sandbox::decode_decision(form);
  if (!decision) {
    ENSURE(decision.error().code == ErrorCode::invalid_input && decision.error().reason == "bad_request");
    return;
  }
  const http::Pairs only = {{"decision", *decision == sandbox::Decision::enable ? "enable" : "disable"}};
  ENSURE(http::parse_pairs(form) == only);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check_json(text);
  paylink::check_form(text);
  return 0;
}
