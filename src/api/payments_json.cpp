#include "api/payments_json.hpp"

#include "api/list_query.hpp"
#include "app/payment_json.hpp"

namespace paylink::api {
std::string payments_json(const Listed<app::Payment>& payments) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("payments").begin_array();
  for (const app::Payment& payment : payments.entries) {
    json.begin_object();
    app::write_payment_members(json, payment.attempt);
    if (payment.refunded) app::write_money_member(json, "amount_refunded", *payment.refunded);
    if (payment.charged_back) app::write_money_member(json, "amount_charged_back", *payment.charged_back);
    json.end_object();
  }
  json.end_array();
  write_meta(json, payments.page, payments.total);
  json.end_object();
  return out;
}

}  // namespace paylink::api
