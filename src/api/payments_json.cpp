#include "api/payments_json.hpp"

#include "api/list_query.hpp"

namespace paylink::api {
namespace {

void write_money(json::Writer& json, std::string_view name, const Money& money) {
  json.key(name).begin_object();
  json.text("value", money.decimal()).text("currency", money.currency().code()).end_object();
}

void write_payment(json::Writer& json, const app::Payment& payment) {
  const Attempt& attempt = payment.attempt;
  json.begin_object().text("id", attempt.id.text());
  write_money(json, "amount", attempt.amount);
  json.text("status", attempt_state_names.name(attempt.state)).text("created_at", to_rfc3339(attempt.created_at));
  json.text("payment_method", payment_method_names.name(attempt.method));
  if (attempt.paid_at)
    json.text("paid_at", to_rfc3339(*attempt.paid_at));
  else
    json.null("paid_at");
  json.text("debitor_email", attempt.debitor_email);
  if (payment.refunded) write_money(json, "amount_refunded", *payment.refunded);
  json.end_object();
}

}  // namespace

std::string payments_json(const Listed<app::Payment>& payments) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("payments").begin_array();
  for (const app::Payment& payment : payments.entries) write_payment(json, payment);
  json.end_array();
  write_meta(json, payments.page, payments.total);
  json.end_object();
  return out;
}

}  // namespace paylink::api
