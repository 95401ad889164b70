// The provider's answers as the connector reads them (providers/mollie/mapping). What is accepted can be said again in
// the provider's words and is read as the same.
#include <algorithm>
#include <string>

#include "input.hpp"
#include "json/document.hpp"
#include "json/writer.hpp"
#include "providers/mollie/connect_mapping.hpp"
#include "providers/mollie/mapping.hpp"

namespace paylink {
namespace {

namespace mollie = providers::mollie;

constexpr auto refund_states = names<app::ProviderRefundState>({
    {app::ProviderRefundState::pending, "pending"},
    {app::ProviderRefundState::refunded, "refunded"},
    {app::ProviderRefundState::failed, "failed"},
});

constexpr auto mollie_methods = names<PaymentMethod>({
    {PaymentMethod::credit_card, "creditcard"},
    {PaymentMethod::paypal, "paypal"},
    {PaymentMethod::ideal, "ideal"},
});

void write_amount(json::Writer& out, const Money& amount) {
  out.key("amount").begin_object().text("value", amount.decimal()).text("currency", amount.currency().code());
  out.end_object();
}

void write_chargeback(json::Writer& out, const app::ProviderChargeback& chargeback) {
  out.begin_object().text("id", chargeback.id);
  write_amount(out, chargeback.amount);
  out.text("createdAt", to_rfc3339(chargeback.created_at));
  if (chargeback.reversed_at) out.text("reversedAt", to_rfc3339(*chargeback.reversed_at));
  out.end_object();
}

std::string written(const app::ProviderPayment& payment) {
  std::string body;
  json::Writer out(body);
  out.begin_object().text("resource", "payment").text("id", payment.id);
  out.text("status", attempt_state_names.name(payment.state)).boolean("isCancelable", payment.cancelable);
  write_amount(out, payment.amount);
  if (payment.method) {
    // An Apple Pay payment is a card's there.
    const bool is_wallet = payment.method == PaymentMethod::apple_pay;
    out.text("method", mollie_methods.name(is_wallet ? PaymentMethod::credit_card : *payment.method));
    out.key("details").begin_object();
    if (is_wallet) out.text("wallet", "applepay");
    out.end_object();
  }
  if (payment.expires_at) out.text("expiresAt", to_rfc3339(*payment.expires_at));
  if (payment.paid_at) out.text("paidAt", to_rfc3339(*payment.paid_at));
  out.key("metadata").begin_object().text("attempt", payment.attempt).end_object();
  out.key("_embedded").begin_object().key("chargebacks").begin_array();
  for (const app::ProviderChargeback& one : payment.chargebacks) write_chargeback(out, one);
  out.end_array().end_object();
  out.key("_links").begin_object();
  if (!payment.checkout_url.empty()) out.key("checkout").begin_object().text("href", payment.checkout_url).end_object();
  out.end_object().end_object();
  return body;
}

std::string written(const app::ProviderRefund& refund) {
  std::string body;
  json::Writer out(body);
  out.begin_object().text("resource", "refund").text("id", refund.id).text("status", refund_states.name(refund.state));
  write_amount(out, refund.amount);
  out.key("metadata").begin_object().text("refund", refund.refund).end_object().end_object();
  return body;
}

void check_refused(const Error& error) {
  ENSURE(error.code == ErrorCode::internal && error.reason == "provider_answer" && !error.detail.empty());
}

void check_chargebacks(const app::ProviderPayment& payment, const app::ProviderPayment& again) {
  ENSURE(again.chargebacks.size() == payment.chargebacks.size());
  for (std::size_t i = 0; i < payment.chargebacks.size(); ++i) {
    const app::ProviderChargeback &one = payment.chargebacks[i], &same = again.chargebacks[i];
    ENSURE(mollie::is_id(one.id, "chb_") && one.amount.minor_units() >= 0);
    ENSURE(same.id == one.id && same.amount == one.amount && same.created_at == one.created_at);
    ENSURE(same.reversed_at == one.reversed_at);
  }
}

void check_refund(const app::ProviderRefund& refund) {
  ENSURE(mollie::is_id(refund.id, "re_") && refund.amount.minor_units() >= 0 && fuzz::is_utf8(refund.refund));
  const auto again = mollie::read_refund(written(refund));
  ENSURE(again.has_value() && again->id == refund.id && again->state == refund.state);
  ENSURE(again->amount == refund.amount && again->refund == refund.refund);
}

void check_payment(std::string_view body) {
  const auto payment = mollie::read_payment(body);
  if (!payment) return check_refused(payment.error());
  ENSURE(mollie::is_id(payment->id, "tr_") && payment->id.size() <= 64);
  ENSURE(payment->amount.minor_units() >= 0 && fuzz::is_utf8(payment->attempt));
  const std::string& url = payment->checkout_url;
  ENSURE(url.empty() || url.starts_with("https://") || url.starts_with("http://"));
  ENSURE(std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; }));
  const auto again = mollie::read_payment(written(*payment));
  ENSURE(again.has_value() && again->id == payment->id && again->state == payment->state);
  ENSURE(again->amount == payment->amount && again->attempt == payment->attempt && again->checkout_url == url);
  ENSURE(again->cancelable == payment->cancelable && again->method == payment->method &&
         again->expires_at == payment->expires_at);
  ENSURE(again->paid_at == payment->paid_at && again->refunds.empty());
  check_chargebacks(*payment, *again);
  for (const app::ProviderRefund& refund : payment->refunds) check_refund(refund);
}

void check_refunds(std::string_view body) {
  const auto refund = mollie::read_refund(body);
  if (refund)
    check_refund(*refund);
  else
    check_refused(refund.error());
}

void check_listed(std::string_view body) {
  const auto listed = mollie::read_chargebacks(body);
  if (!listed) return check_refused(listed.error());
  for (const app::ListedChargeback& one : *listed) {
    ENSURE(mollie::is_id(one.payment_id, "tr_") && mollie::is_id(one.chargeback.id, "chb_"));
    ENSURE(one.chargeback.amount.minor_units() >= 0);
  }
}

void check_methods(std::string_view body) {
  const auto methods = mollie::read_methods(body);
  if (!methods) return check_refused(methods.error());
  for (const PaymentMethod method : *methods) ENSURE(std::ranges::count(*methods, method) == 1);
}

// What says of which mode it is: it is read as that one and as no other.
template <class Read>
void check_mode(std::string_view body, Read read) {
  const auto either = read(body, std::string_view());
  const auto test = read(body, "test"), live = read(body, "live");
  ENSURE(either.has_value() || (!test.has_value() && !live.has_value()));
  ENSURE(!(test.has_value() && live.has_value()));
}

void check_modes(std::string_view body) {
  check_mode(body, mollie::read_payment);
  check_mode(body, mollie::read_refund);
  check_mode(body, mollie::read_profile);
  const auto profile = mollie::read_profile(body);
  if (!profile) return check_refused(profile.error());
  ENSURE(mollie::is_id(profile->id, "pfl_") && fuzz::is_utf8(profile->name));
}

void check_failure(std::string_view body) {
  for (const int status : {100, 204, 302, 400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 503, 599}) {
    const auto failure = mollie::read_failure(mollie::Operation::create, status, body);
    // What is no text is three bytes for each.
    ENSURE(!failure.error().reason.empty() && failure.error().detail.size() <= 30 + 3 * 300);
    ENSURE(fuzz::is_utf8(failure.error().detail));
    ENSURE((failure.error().code == ErrorCode::internal) == (status < 400));
  }
}

void check_authorization(std::string_view body) {
  const auto is_sane = [](const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  };
  const auto tokens = mollie::read_tokens(body, Secret("known"));
  if (!tokens) check_refused(tokens.error());
  ENSURE(!tokens ||
         (is_sane(tokens->access.reveal()) && is_sane(tokens->refresh.reveal()) && tokens->life.count() > 0));
  const auto profiles = mollie::read_profiles(body);
  if (!profiles) check_refused(profiles.error());
  ENSURE(!profiles || !profiles->empty());
  if (profiles)
    for (const auto& profile : *profiles) ENSURE(mollie::is_id(profile.id, "pfl_"));
  if (const auto name = mollie::read_organization_name(body); !name) check_refused(name.error());
  if (const auto complete = mollie::read_is_complete(body); !complete) check_refused(complete.error());
  for (const int status : {302, 400, 401, 403, 429, 500})
    ENSURE(mollie::read_token_failure(status, body).error().detail.size() <= 80);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = paylink::fuzz::text_of(data, size);
  paylink::check_payment(body);
  paylink::check_refunds(body);
  paylink::check_listed(body);
  paylink::check_methods(body);
  paylink::check_modes(body);
  paylink::check_failure(body);
  paylink::check_authorization(body);
  return 0;
}
