#include "app/payment_json.hpp"

namespace paylink::app {

void write_money_member(json::Writer& json, std::string_view name, const Money& money) {
  json.key(name).begin_object();
  json.text("value", money.decimal()).text("currency", money.currency().code()).end_object();
}

void write_payment_members(json::Writer& json, const Attempt& attempt) {
  json.text("id", attempt.id.text());
  write_money_member(json, "amount", attempt.amount);
  json.text("status", attempt_state_names.name(attempt.state)).text("created_at", to_rfc3339(attempt.created_at));
  json.text("payment_method", payment_method_names.name(attempt.method));
  if (attempt.paid_at)
    json.text("paid_at", to_rfc3339(*attempt.paid_at));
  else
    json.null("paid_at");
  json.text("debitor_email", attempt.debitor_email);
}

}  // namespace paylink::app
