#include "simulator/payer_page.hpp"

#include "simulator/page_values.hpp"

namespace paylink::simulator {

using pages::Language;
using pages::Values;

std::string word(const Language& language, const std::string& family, const std::string& name) {
  const std::string key = family + name;
  return language.catalog().has(key) ? language.text(key) : name;
}

std::string money(const Language& language, const PayerView& payment) {
  return language.formats().money(payment.amount_value, payment.amount_currency);
}

Values payment_values(const Language& language, const PayerView& payment) {
  Values values;
  values["title"] = language.text("simulator.title", {{"amount", money(language, payment)}});
  values["description"] = payment.description;
  values["amount"] = money(language, payment);
  if (!payment.method.empty()) values["method"] = word(language, "simulator.method.", payment.method);
  if (!payment.payee.empty()) values["payee"] = payment.payee;
  return values;
}

http::Response finished_page(const Language& language, const FinishedView& view, Return way) {
  const auto address = pages::web_address(view.redirect_url);
  Values payment = payment_values(language, view.payment);
  payment["text"] =
      language.text("simulator.finished_text", {{"outcome", word(language, "simulator.outcome.", view.outcome)}});
  if (!view.failure_reason.empty()) payment["reason"] = word(language, "simulator.failure.", view.failure_reason);
  Values values;
  values["title"] = language.text("simulator.finished_title");
  values["payment"] = std::move(payment);
  if (!address.empty()) values["back"] = Values("url", address);
  auto response = language.page(200, "simulator/finished", values);
  if (way == Return::at_once && !address.empty()) response.add_field("Refresh", "0; url=" + address);
  return response;
}

http::Response state_page(const Language& language, const StateView& view, const std::string& action) {
  Values values = payment_values(language, view.payment);
  values["action"] = action;
  values["charge_back"] = view.charge_back == Offered::yes;
  values["reverse"] = view.reverse == Offered::yes;
  return language.page(200, "simulator/state", values);
}

http::Response unknown_payment_page(const Language& language) {
  Values values;
  values["title"] = language.text("simulator.unknown_title");
  return language.page(404, "simulator/finished", values);
}

}  // namespace paylink::simulator
