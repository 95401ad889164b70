#include "api/refunds_json.hpp"

#include "api/items_json.hpp"
#include "api/list_query.hpp"
#include "app/payment_json.hpp"
#include "json/document.hpp"
#include "json/reader.hpp"

namespace paylink::api {
namespace {

// Whether the provider has heard of it yet is nobody's business but ours.
std::string_view status_of(const Refund& refund) {
  return refund_state_names.name(refund.state == RefundState::requested ? RefundState::pending : refund.state);
}

void write_refund(json::Writer& json, const Refund& refund) {
  json.begin_object().text("id", refund.id.text());
  app::write_money_member(json, "amount", refund.amount);
  json.text("status", status_of(refund)).text("reason", refund_reason_names.name(refund.reason));
  json.text("created_at", to_rfc3339(refund.created_at)).end_object();
}

void write_chargeback(json::Writer& json, const Chargeback& chargeback) {
  json.begin_object().text("id", chargeback.id.text());
  app::write_money_member(json, "amount", chargeback.amount);
  json.text("created_at", to_rfc3339(chargeback.charged_back_at));
  if (chargeback.reversed_at)
    json.text("reversed_at", to_rfc3339(*chargeback.reversed_at));
  else
    json.null("reversed_at");
  json.end_object();
}

}  // namespace

Result<std::optional<Money>> decode_refund(std::string_view body) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader refund = json::Reader(faults, document.root()).as_object().required("refund").as_object();
  const json::Reader place = refund.optional("amount").as_object();
  std::optional<Money> amount;
  if (const auto decoded = decode_amount(place)) {
    const auto money = Money::of_minor(decoded->amount.minor_units(), decoded->amount.currency());
    if (money && money->minor_units() > 0)
      amount = *money;
    else
      place.required("value").fault("out_of_range", "must be more than zero");
  }
  TRY(faults.result());
  return amount;
}

std::string created_refund_json(const Refund& refund) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("refund");
  write_refund(json, refund);
  json.end_object();
  return out;
}

std::string refunds_json(const Listed<Refund>& refunds) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("refunds").begin_array();
  for (const Refund& refund : refunds.entries) write_refund(json, refund);
  json.end_array();
  write_meta(json, refunds.page, refunds.total);
  json.end_object();
  return out;
}

std::string chargebacks_json(const Listed<Chargeback>& chargebacks) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("chargebacks").begin_array();
  for (const Chargeback& chargeback : chargebacks.entries) write_chargeback(json, chargeback);
  json.end_array();
  write_meta(json, chargebacks.page, chargebacks.total);
  json.end_object();
  return out;
}

}  // namespace paylink::api
