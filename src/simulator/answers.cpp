#include "simulator/answers.hpp"

#include <algorithm>

#include "json/writer.hpp"
#include "simulator/details.hpp"
#include "simulator/organizations.hpp"

namespace paylink::simulator {

http::Response hal_answer(int status, std::string body) { return {status, std::string(hal), std::move(body), {}}; }

std::string time_text(Time time) {
  std::string text = to_rfc3339(time);
  text.pop_back();
  return text + "+00:00";
}

namespace {

std::string path_of(const Payment& payment) { return "/v2/payments/" + payment.id; }

class Answer {
 public:
  explicit Answer(std::string_view base_url) : base_url_(base_url), json_(body_) {}

  json::Writer& json() { return json_; }
  std::string take() { return std::move(body_); }

  std::string address(std::string_view path) const { return std::string(base_url_).append(path); }

  void amount(std::string_view name, const Amount& amount) {
    json_.key(name).begin_object().text("value", decimal(amount)).text("currency", amount.currency).end_object();
  }
  void optional_text(std::string_view name, const std::optional<std::string>& value) {
    if (value) json_.text(name, *value);
  }
  void link(std::string_view name, std::string_view path, std::string_view type = hal) {
    json_.key(name).begin_object();
    json_.text("href", address(path)).text("type", type).end_object();
  }
  // A neighbour in a list: its key is always there.
  void neighbour(std::string_view name, std::string_view path) {
    if (path.empty())
      json_.null(name);
    else
      link(name, path);
  }

  void entry(const Payment& payment, const Embedded& embedded = {});
  void entry(const Refund& refund);
  void entry(const Chargeback& chargeback);
  // `"refunds":[…]`
  template <class Entry>
  void entries(std::string_view name, const std::vector<Entry>& all) {
    json_.key(name).begin_array();
    for (const Entry& one : all) entry(one);
    json_.end_array();
  }

 private:
  void payment_state(const Payment& payment);
  void payment_links(const Payment& payment);

  std::string_view base_url_;
  std::string body_;
  json::Writer json_;
};

void Answer::payment_state(const Payment& payment) {
  json_.text("status", name(payment.status));
  if (!payment.is_final()) json_.boolean("isCancelable", payment.is_cancelable());
  if (payment.status == PaymentStatus::open) json_.text("expiresAt", time_text(payment.expires_at));
  if (payment.status_at) json_.text(std::string(name(payment.status)) + "At", time_text(*payment.status_at));
  if (payment.status != PaymentStatus::paid) return;
  const std::string& currency = payment.amount.currency;
  amount("amountRefunded", {payment.refunded_minor, currency});
  amount("amountRemaining", {payment.remaining_minor(), currency});
  if (payment.charged_back_minor > 0) amount("amountChargedBack", {payment.charged_back_minor, currency});
}

void Answer::payment_links(const Payment& payment) {
  json_.key("_links").begin_object();
  link("self", path_of(payment));
  if (!payment.is_final()) link("checkout", "/checkout/" + payment.checkout_token, html);
  link("dashboard", "/checkout/" + payment.checkout_token, html);
  if (payment.refunded_minor > 0) link("refunds", path_of(payment) + "/refunds");
  if (payment.charged_back_minor > 0) link("chargebacks", path_of(payment) + "/chargebacks");
  if (payment.status == PaymentStatus::paid) link("changePaymentState", "/change-payment-state/" + payment.id, html);
  link("documentation", "/docs/get-payment", html);
  json_.end_object();
}

void Answer::entry(const Payment& payment, const Embedded& embedded) {
  json_.begin_object();
  json_.text("resource", "payment").text("id", payment.id).text("mode", mode_of_tenant(payment.tenant));
  json_.text("createdAt", time_text(payment.created_at));
  amount("amount", payment.amount);
  json_.text("description", payment.description);
  if (payment.method)
    json_.text("method", *payment.method);
  else
    json_.null("method");
  json_.raw("metadata", payment.metadata);
  payment_state(payment);
  json_.text("profileId", profile_id_of(payment.tenant)).text("sequenceType", "oneoff");
  json_.text("redirectUrl", payment.redirect_url);
  optional_text("cancelUrl", payment.cancel_url);
  optional_text("webhookUrl", payment.webhook_url);
  optional_text("locale", payment.locale);
  optional_text("restrictPaymentMethodsToCountry", payment.country);
  if (!payment.lines.empty()) json_.raw("lines", payment.lines);
  if (!payment.billing_address.empty()) json_.raw("billingAddress", payment.billing_address);
  if (!payment.shipping_address.empty()) json_.raw("shippingAddress", payment.shipping_address);
  if (embedded.refunds || embedded.chargebacks) {
    json_.key("_embedded").begin_object();
    if (embedded.refunds) entries("refunds", *embedded.refunds);
    if (embedded.chargebacks) entries("chargebacks", *embedded.chargebacks);
    json_.end_object();
  }
  write_details(json_, payment);
  payment_links(payment);
  json_.end_object();
}

void Answer::entry(const Chargeback& chargeback) {
  const std::string payment = "/v2/payments/" + chargeback.payment_id;
  json_.begin_object().text("resource", "chargeback").text("id", chargeback.id);
  amount("amount", chargeback.amount);
  amount("settlementAmount", {-chargeback.amount.minor, chargeback.amount.currency});
  json_.text("createdAt", time_text(chargeback.created_at));
  if (chargeback.reversed_at)
    json_.text("reversedAt", time_text(*chargeback.reversed_at));
  else
    json_.null("reversedAt");
  json_.null("reason").text("paymentId", chargeback.payment_id);
  json_.key("_links").begin_object();
  link("self", payment + "/chargebacks/" + chargeback.id);
  link("payment", payment);
  link("documentation", "/docs/get-chargeback", html);
  json_.end_object().end_object();
}

void Answer::entry(const Refund& refund) {
  const std::string payment = "/v2/payments/" + refund.payment_id;
  json_.begin_object();
  json_.text("resource", "refund").text("id", refund.id).text("mode", mode_of_tenant(refund.tenant));
  json_.text("description", refund.description);
  amount("amount", refund.amount);
  json_.raw("metadata", refund.metadata);
  json_.text("paymentId", refund.payment_id).text("status", refund.status);
  json_.text("createdAt", time_text(refund.created_at));
  json_.key("_links").begin_object();
  link("self", payment + "/refunds/" + refund.id);
  link("payment", payment);
  link("documentation", "/docs/get-refund", html);
  json_.end_object().end_object();
}

template <class Entry>
http::Response answer_list(const Page<Entry>& page, const std::string& name, std::string_view base_url) {
  Answer answer(base_url);
  json::Writer& json = answer.json();
  json.begin_object().integer("count", static_cast<std::int64_t>(page.entries.size()));
  json.key("_embedded").begin_object();
  answer.entries(name, page.entries);
  json.end_object();
  json.key("_links").begin_object();
  answer.link("self", page.self);
  answer.neighbour("previous", page.previous);
  answer.neighbour("next", page.next);
  answer.link("documentation", "/docs/list-" + name, html);
  json.end_object().end_object();
  return hal_answer(200, answer.take());
}

void append_method(Answer& answer, const MethodRow& method) {
  json::Writer& json = answer.json();
  json.begin_object();
  json.text("resource", "method").text("id", method.id).text("description", method.description);
  answer.amount("minimumAmount", {1, "EUR"});
  answer.amount("maximumAmount", {method.largest * 100, "EUR"});
  const std::string icon = answer.address("/images/methods/").append(method.id);
  json.key("image").begin_object();
  json.text("size1x", icon + ".png").text("size2x", icon + "%402x.png").text("svg", icon + ".svg");
  json.end_object();
  json.text("status", "activated");
  json.key("_links").begin_object();
  answer.link("self", "/v2/methods/" + std::string(method.id));
  answer.link("documentation", "/docs/get-method", html);
  json.end_object().end_object();
}

// The reason phrase, but for two that Mollie words in its own way.
std::string_view title(int status) {
  if (status == 401) return "Unauthorized Request";
  return status == 422 ? "Unprocessable Entity" : http::reason_phrase(status);
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::unsupported_media_type:
      return 415;
    case ErrorCode::unprocessable:
      return 422;
    case ErrorCode::rate_limited:
      return 429;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::internal:
      break;
  }
  return 500;
}

}  // namespace

http::Response payment_answer(int status, const Payment& payment, std::string_view base_url, const Embedded& embedded) {
  Answer answer(base_url);
  answer.entry(payment, embedded);
  return hal_answer(status, answer.take());
}

http::Response refund_answer(int status, const Refund& refund, std::string_view base_url) {
  Answer answer(base_url);
  answer.entry(refund);
  return hal_answer(status, answer.take());
}

http::Response chargeback_answer(const Chargeback& chargeback, std::string_view base_url) {
  Answer answer(base_url);
  answer.entry(chargeback);
  return hal_answer(200, answer.take());
}

http::Response list_answer(const Page<Payment>& page, std::string_view base_url) {
  return answer_list(page, "payments", base_url);
}

http::Response list_answer(const Page<Refund>& page, std::string_view base_url) {
  return answer_list(page, "refunds", base_url);
}

http::Response list_answer(const Page<Chargeback>& page, std::string_view base_url) {
  return answer_list(page, "chargebacks", base_url);
}

http::Response methods_answer(const MethodsQuery& query, std::string_view base_url) {
  Answer answer(base_url);
  json::Writer& json = answer.json();
  const auto shown = [&](const MethodRow& method) {
    return (method.id != "applepay" || query.wallets == Wallets::included) &&
           (!query.amount || takes(method, *query.amount));
  };
  json.begin_object().integer("count", std::ranges::count_if(all_methods, shown));
  json.key("_embedded").begin_object().key("methods").begin_array();
  for (const MethodRow& method : all_methods)
    if (shown(method)) append_method(answer, method);
  json.end_array().end_object();
  json.key("_links").begin_object();
  answer.link("self", query.self);
  answer.link("documentation", "/docs/list-methods", html);
  json.end_object().end_object();
  return hal_answer(200, answer.take());
}

http::Response method_answer(const MethodRow& method, std::string_view base_url) {
  Answer answer(base_url);
  append_method(answer, method);
  return hal_answer(200, answer.take());
}

http::Response error_answer(int status, std::string_view detail, std::string_view field, std::string_view base_url) {
  Answer answer(base_url);
  json::Writer& json = answer.json();
  json.begin_object().integer("status", status).text("title", title(status)).text("detail", detail);
  if (!field.empty()) json.text("field", field);
  json.key("_links").begin_object();
  answer.link("documentation", "/docs/errors", html);
  json.end_object().end_object();
  return hal_answer(status, answer.take());
}

http::Response error_answer(const Error& error, std::string_view base_url) {
  const std::string_view field = error.faults.empty() ? std::string_view() : error.faults.front().where;
  return error_answer(status_of(error.code), error.message, field, base_url);
}

}  // namespace paylink::simulator
