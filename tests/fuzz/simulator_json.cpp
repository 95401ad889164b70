// The bodies that the simulated provider reads (simulator/decode, card_form), and its answers as our connector reads
// them: the two sides of one protocol.
#include <algorithm>
#include <string>

#include "domain/money.hpp"
#include "http/request.hpp"
#include "input.hpp"
#include "json/document.hpp"
#include "providers/mollie/mapping.hpp"
#include "simulator/answers.hpp"
#include "simulator/card_form.hpp"
#include "simulator/decode.hpp"
#include "simulator/faults.hpp"
#include "simulator/twist.hpp"

namespace paylink {
namespace {

constexpr std::string_view base_url = "https://provider.example.com";

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// One fault at a time, in words that can be answered.
void check_refused(const Error& error) {
  ENSURE(error.code == ErrorCode::invalid_input || error.code == ErrorCode::unprocessable);
  ENSURE(error.faults.size() <= 1);
  ENSURE(json::Document::parse(simulator::error_answer(error, base_url).body).has_value());
}

void check_metadata(std::string_view metadata) {
  ENSURE(metadata.size() <= 1024);
  ENSURE(json::Document::parse(metadata).has_value());
}

simulator::Payment payment_of(const simulator::NewPayment& wanted) {
  simulator::Payment payment;
  static_cast<simulator::NewPayment&>(payment) = wanted;
  payment.number = 1;
  payment.id = "tr_1234567890";
  payment.checkout_token = "token";
  return payment;
}

void check_payment(std::string_view body) {
  const auto wanted = simulator::decode_payment(body);
  if (!wanted) return check_refused(wanted.error());
  ENSURE(wanted->amount.minor > 0 && !wanted->description.empty() && code_points(wanted->description) <= 255);
  ENSURE(fuzz::is_utf8(wanted->description) && wanted->redirect_url.starts_with("http"));
  ENSURE(!wanted->method || simulator::find_method(*wanted->method) != nullptr);
  check_metadata(wanted->metadata);
  const auto answer = simulator::payment_answer(201, payment_of(*wanted), base_url);
  const auto read = providers::mollie::read_payment(answer.body);
  const auto currency = Currency::parse(wanted->amount.currency);
  if (!currency || currency->exponent() > 3) return;  // the simulator takes codes that no currency has
  ENSURE(read.has_value() && read->amount.minor_units() == wanted->amount.minor &&
         read->amount.currency() == *currency);
}

void check_update(std::string_view body) {
  simulator::NewPayment made;
  made.amount = {1'000, "EUR"};
  made.description = "Order 7";
  made.redirect_url = "https://shop.example.com";
  const auto updated = simulator::decode_update(body, payment_of(made));
  if (!updated) return check_refused(updated.error());
  ENSURE(!updated->description.empty() && code_points(updated->description) <= 255);
  ENSURE(updated->redirect_url.starts_with("http") && updated->amount == made.amount);
  ENSURE(!updated->method || simulator::find_method(*updated->method) != nullptr);
  check_metadata(updated->metadata);
  ENSURE(providers::mollie::read_payment(simulator::payment_answer(200, *updated, base_url).body).has_value());
}

void check_refund(std::string_view body) {
  simulator::NewPayment paid;
  paid.amount = {1'000, "EUR"};
  const auto wanted = simulator::decode_refund(body, payment_of(paid));
  if (!wanted) return check_refused(wanted.error());
  ENSURE(wanted->amount.minor > 0 && wanted->amount.currency == "EUR" && code_points(wanted->description) <= 255);
  check_metadata(wanted->metadata);
  simulator::Refund refund;
  static_cast<simulator::NewRefund&>(refund) = *wanted;
  refund.id = "re_1234567890";
  refund.status = "queued";
  const auto read = providers::mollie::read_refund(simulator::refund_answer(201, refund, base_url).body);
  ENSURE(read.has_value() && read->amount.minor_units() == wanted->amount.minor);
}

// A rule of the fault dial: what is accepted can be played and shown.
void check_fault(std::string_view body) {
  const auto rule = simulator::decode_fault(body);
  if (!rule) {
    ENSURE(rule.error().code == ErrorCode::invalid_input && !rule.error().message.empty());
    return;
  }
  ENSURE(rule->percent >= 1 && rule->percent <= 100 && rule->ms_min <= rule->ms);
  ENSURE((rule->fault == simulator::Fault::status) == (rule->status >= 400));
  simulator::FaultDial dial;
  dial.add(*rule);
  const auto hit = dial.next(rule->operation);
  ENSURE(hit ? hit->time.count() >= rule->ms_min && hit->time.count() <= rule->ms : rule->percent < 100);
  ENSURE(json::Document::parse(dial.json()).has_value());
}

// A wrong answer is JSON as the right one was.
void check_twisted(std::string_view body) {
  const bool is_json = json::Document::parse(body).has_value();
  for (const auto fault : {simulator::Fault::wrong_amount, simulator::Fault::wrong_currency, simulator::Fault::wrong_id,
                           simulator::Fault::wrong_mode, simulator::Fault::wrong_metadata})
    ENSURE(!is_json || json::Document::parse(simulator::twisted(body, fault)).has_value());
}

// The card that a payer types: nothing of its number or its code is left in what is kept.
void check_card(std::string_view body) {
  constexpr Time now = from_microseconds(1'710'925'200'000'000);  // 2024-03-20T09:00:00Z
  const auto form = simulator::read_card_form(body, now);
  const auto pairs = http::parse_pairs(body);
  if (!form) return check_refused(form.error());
  ENSURE(pairs.has_value());
  const bool has_number_fault = std::ranges::any_of(
      form->faults, [](simulator::CardFault fault) { return fault <= simulator::CardFault::number_not_test; });
  ENSURE((form->card != nullptr) != has_number_fault && form->faults.size() <= 4);
  ENSURE(form->expiry.empty() || (form->expiry.size() == 5 && form->expiry[2] == '/'));
  ENSURE(form->holder.find_first_of("0123456789") == std::string::npos && form->holder.size() <= 100);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = paylink::fuzz::text_of(data, size);
  paylink::check_payment(body);
  paylink::check_update(body);
  paylink::check_refund(body);
  paylink::check_fault(body);
  paylink::check_twisted(body);
  paylink::check_card(body);
  return 0;
}
