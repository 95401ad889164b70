#include "simulator/payer.hpp"

#include "simulator/chargebacks.hpp"
#include "simulator/organizations.hpp"
#include "simulator/payer_page.hpp"
#include "simulator/payer_steps.hpp"
#include "simulator/payments.hpp"

namespace paylink::simulator {
namespace {

Result<PayerView> view_of(const Call& call, const Payment& payment) {
  auto payee = TRY(Organizations(call.tx).payee_of_tenant(payment.tenant));
  return PayerView{payment.description, decimal(payment.amount), payment.amount.currency, payment.method.value_or(""),
                   std::move(payee)};
}

Result<http::Response> finished(const Call& call, const Payment& payment, Return way) {
  const bool canceled = payment.status == PaymentStatus::canceled;
  auto shown = TRY(view_of(call, payment));
  const FinishedView view{std::move(shown), std::string(name(payment.status)),
                          canceled ? payment.cancel_url.value_or(payment.redirect_url) : payment.redirect_url,
                          payment.details.failure_reason};
  return finished_page(language_of(call), view, way);
}

// The outcome the form names; absent for anything else than one of its buttons.
std::optional<PaymentStatus> chosen_outcome(std::string_view form) {
  const auto pairs = http::parse_pairs(form);
  if (!pairs || pairs->size() != 1 || pairs->front().first != "outcome") return std::nullopt;
  const auto outcome = parse_payment_status(pairs->front().second);
  return outcome == PaymentStatus::open ? std::nullopt : outcome;
}

std::string state_path(const Payment& payment) { return "/change-payment-state/" + payment.id; }

}  // namespace

const pages::Language& language_of(const Call& call) {
  return call.site.language(call.request.field("Accept-Language").value_or(""));
}

std::string checkout_path(const Payment& payment) { return "/checkout/" + payment.checkout_token; }

Result<PayerPage> payer_page_of(const Call& call, const Payment& payment) {
  auto view = TRY(view_of(call, payment));
  return PayerPage{std::move(view), checkout_path(payment)};
}

Result<http::Response> show_state_page(Call& call) {
  const auto payment = Payments(call.tx).find_by_id(call.path.values[0]);
  if (!payment) {
    if (payment.error().code == ErrorCode::not_found) return unknown_payment_page(language_of(call));
    return Failure{payment.error()};
  }
  if (payment->status != PaymentStatus::paid) return finished(call, *payment, Return::by_link);
  auto shown = TRY(view_of(call, *payment));
  const StateView view{std::move(shown), payment->remaining_minor() > 0 ? Offered::yes : Offered::no,
                       payment->charged_back_minor > 0 ? Offered::yes : Offered::no};
  return state_page(language_of(call), view, state_path(*payment));
}

Result<http::Response> change_state(Call& call) {
  const auto payment = TRY(Payments(call.tx).find_by_id(call.path.values[0]));
  if (call.request.body == "outcome=charged_back")
    TRY(Chargebacks(call.tx).insert(payment));
  else if (call.request.body == "outcome=chargeback_reversed")
    TRY(Chargebacks(call.tx).reverse(payment));
  else
    return fail(ErrorCode::invalid_input, "bad_request", "The outcome is not one of the form's");
  return http::see_other(state_path(payment));
}

Result<http::Response> show_payer_page(Call& call) {
  const auto payment = Payments(call.tx).find_by_token(call.path.values[0]);
  if (!payment) {
    if (payment.error().code == ErrorCode::not_found) return unknown_payment_page(language_of(call));
    return Failure{payment.error()};
  }
  if (call.request.query == "decided") return finished(call, *payment, Return::at_once);
  if (payment->is_final()) return finished(call, *payment, Return::by_link);
  if (payment->status == PaymentStatus::pending) {
    const PayerPage page = TRY(payer_page_of(call, *payment));
    return pending_page(language_of(call), page, payment->redirect_url);
  }
  return show_method_page(call, *payment);
}

Result<http::Response> decide_payment(Call& call) {
  const auto payment = Payments(call.tx).find_by_token(call.path.values[0]);
  if (!payment) {
    if (payment.error().code == ErrorCode::not_found) return unknown_payment_page(language_of(call));
    return Failure{payment.error()};
  }
  const auto outcome = chosen_outcome(call.request.body);
  if (!outcome) return fail(ErrorCode::invalid_input, "bad_request", "The outcome is not one of the form's");
  if (payment->is_final()) return finished(call, *payment, Return::by_link);
  if (payment->status != *outcome) TRY(conclude(call, *payment, *outcome));
  // Not straight to the shop: a browser cuts off a redirect out of a form to another origin (`form-action 'self'`).
  return http::see_other(checkout_path(*payment) + "?decided");
}

}  // namespace paylink::simulator
