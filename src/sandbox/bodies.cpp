#include "sandbox/bodies.hpp"

#include "domain/email.hpp"
#include "http/request.hpp"
#include "json/document.hpp"
#include "json/reader.hpp"
#include "sandbox/duration.hpp"

namespace paylink::sandbox {
namespace {

constexpr auto decision_names = names<Decision>({{Decision::enable, "enable"}, {Decision::disable, "disable"}});
constexpr auto wanted_names = names<Decision>({{Decision::enable, "enabled"}, {Decision::disable, "disabled"}});

}  // namespace

Result<Advance> decode_advance(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader place = json::Reader(faults, document.root()).as_object().required("advance");
  const auto text = place.text();
  const auto duration = text ? parse_duration(*text) : std::nullopt;
  if (text && !duration)
    place.fault("invalid_format", "must be a duration such as 72h, 30m or 1d12h, at most 36600 days");
  TRY(faults.result());
  return Advance{*duration};
}

Result<Pay> decode_pay(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader root = json::Reader(faults, document.root()).as_object();
  const auto link = root.required("payment_link_id").uuid();
  const auto method = root.required("payment_method").one_of(payment_method_names);
  const auto email_place = root.required("debitor_email");
  const auto email = email_place.text({.min = 1, .max = 254});
  if (email && !is_email(*email)) email_place.fault("invalid_format", "must be an e-mail address");
  const auto outcome = root.required("outcome").one_of(outcome_names);
  TRY(faults.result());
  return Pay{PaymentLinkId(*link), *method, std::string(*email), *outcome};
}

Result<Outcome> decode_outcome(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const auto outcome = json::Reader(faults, document.root()).as_object().required("outcome").one_of(settled_names);
  TRY(faults.result());
  return *outcome;
}

Result<Decision> decode_wanted(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const auto wanted = json::Reader(faults, document.root()).as_object().required("status").one_of(wanted_names);
  TRY(faults.result());
  return *wanted;
}

Result<Decision> decode_decision(std::string_view form) {
  const auto pairs = http::parse_pairs(form);
  const bool one = pairs && pairs->size() == 1 && pairs->front().first == "decision";
  const auto decision = one ? decision_names.parse(pairs->front().second) : std::nullopt;
  if (!decision) return fail(ErrorCode::invalid_input, "bad_request", "The decision is not one of the form's.");
  return *decision;
}

}  // namespace paylink::sandbox
