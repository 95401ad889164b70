#include "simulator/payer_steps.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "simulator/card_form.hpp"
#include "simulator/payer.hpp"
#include "simulator/payer_page.hpp"
#include "simulator/test_cards.hpp"

namespace paylink::simulator {
namespace {

Failure no_such_choice() {
  return fail(ErrorCode::invalid_input, "bad_request", "The body is not that of the page's form");
}

// The only pair of a form's body.
Result<std::pair<std::string, std::string>> only_pair(const Call& call) {
  auto pairs = http::parse_pairs(call.request.body);
  if (!pairs || pairs->size() != 1) return no_such_choice();
  return std::move(pairs->front());
}

http::Response truth(const Payment& payment) { return http::see_other(checkout_path(payment)); }

http::Response decided(const Payment& payment) { return http::see_other(checkout_path(payment) + "?decided"); }

// Runs `step` for a payment that is open and, unless `method` is empty, is paid by that one.
template <class Step>
Result<http::Response> while_open(Call& call, std::string_view method, Step step) {
  auto payment = Payments(call.tx).find_by_token(call.path.values[0]);
  if (!payment) {
    if (payment.error().code == ErrorCode::not_found) return unknown_payment_page(language_of(call));
    return Failure{payment.error()};
  }
  const bool expected = method.empty() || payment->method == method;
  if (payment->status != PaymentStatus::open || !expected) return truth(*payment);
  return step(*std::move(payment));
}

Result<http::Response> selection_of(const Call& call, const Payment& payment) {
  std::vector<std::string_view> offered;
  for (const MethodRow& method : all_methods)
    if (offers(payment, method)) offered.push_back(method.id);
  PayerPage page = TRY(payer_page_of(call, payment));
  page.payment.method.clear();
  return selection_page(language_of(call), page, offered);
}

bool awaits_challenge(const Payment& payment) {
  return !payment.details.card.empty() && payment.details.card_security.empty();
}

// Failure messages are in the language that the payment was asked for in, else in the payer's.
const pages::Language& language_of_payment(const Call& call, const Payment& payment) {
  if (!payment.locale) return language_of(call);
  std::string tag = *payment.locale;
  std::ranges::replace(tag, '_', '-');
  return call.site.language(tag);
}

// Why the card payment fails: the card's or the bank's own reason, else the amount's; empty: it does not.
std::string failure_of(const Payment& payment, PaymentStatus outcome) {
  if (!payment.details.failure_reason.empty()) return payment.details.failure_reason;
  const auto magic = magic_failure(payment.amount);
  if (payment.method == "creditcard" && !magic.empty()) return std::string(magic);
  return outcome == PaymentStatus::paid ? "" : "card_declined";
}

Result<http::Response> fail_card(Call& call, Payment payment, std::string_view reason) {
  payment.details.failure_reason = reason;
  TRY(conclude(call, payment, PaymentStatus::failed));
  return decided(payment);
}

}  // namespace

Result<> conclude(Call& call, Payment payment, PaymentStatus outcome) {
  if (outcome == PaymentStatus::paid && !payment.method) payment.method = "creditcard";
  const bool by_card = payment.method == "creditcard" || payment.method == "applepay";
  if (by_card && (outcome == PaymentStatus::paid || outcome == PaymentStatus::failed)) {
    payment.details.failure_reason = failure_of(payment, outcome);
    if (!payment.details.failure_reason.empty()) {
      outcome = PaymentStatus::failed;
      payment.details.failure_message =
          language_of_payment(call, payment).text("simulator.failure." + payment.details.failure_reason);
    }
  }
  TRY(Payments(call.tx).move(std::move(payment), outcome));
  return {};
}

Result<http::Response> show_method_page(Call& call, const Payment& payment) {
  const pages::Language& language = language_of(call);
  const PayerPage page = TRY(payer_page_of(call, payment));
  if (payment.method == "creditcard") return card_page(language, page, {});
  if (payment.method == "applepay") return apple_pay_page(language, page);
  if (payment.method == "paypal") return paypal_page(language, page);
  if (payment.method == "ideal") return banks_page(language, page);
  return selection_of(call, payment);
}

Result<http::Response> show_selection(Call& call) {
  return while_open(call, "", [&](const Payment& payment) { return selection_of(call, payment); });
}

Result<http::Response> choose_method(Call& call) {
  const auto [name, value] = TRY(only_pair(call));
  const MethodRow* const method = name == "method" ? find_method(value) : nullptr;
  if (method == nullptr) return no_such_choice();
  return while_open(call, "", [&](Payment payment) -> Result<http::Response> {
    if (!offers(payment, *method)) return no_such_choice();
    payment.method = method->id;
    payment.details = {};
    TRY(Payments(call.tx).update(payment));
    return truth(payment);
  });
}

Result<http::Response> pay_by_card(Call& call) {
  const auto form = TRY(read_card_form(call.request.body, call.tx.now()));
  return while_open(call, "creditcard", [&](Payment payment) -> Result<http::Response> {
    const PayerPage page = TRY(payer_page_of(call, payment));
    if (!form.faults.empty()) return card_page(language_of(call), page, form);
    ENSURE(form.card != nullptr);
    payment.details = {};
    payment.details.card = form.card->name;
    payment.details.card_holder = form.holder;
    payment.details.card_expiry = form.expiry;
    if (form.card->challenge == Challenge::always) {
      TRY(Payments(call.tx).update(payment));
      return http::see_other(checkout_path(payment) + "/challenge");
    }
    payment.details.card_security = "normal";
    if (!form.card->failure_reason.empty()) {
      auto failed = TRY(fail_card(call, std::move(payment), form.card->failure_reason));
      return failed;
    }
    TRY(conclude(call, payment, PaymentStatus::paid));
    return decided(payment);
  });
}

Result<http::Response> show_challenge(Call& call) {
  return while_open(call, "creditcard", [&](const Payment& payment) -> Result<http::Response> {
    const TestCard* const card = find_card(payment.details.card);
    if (!awaits_challenge(payment) || card == nullptr) return truth(payment);
    const PayerPage page = TRY(payer_page_of(call, payment));
    return challenge_page(language_of(call), page, *card);
  });
}

Result<http::Response> answer_challenge(Call& call) {
  const auto [name, answer] = TRY(only_pair(call));
  if (name != "answer" || (answer != "approve" && answer != "refuse" && answer != "abandon")) return no_such_choice();
  return while_open(call, "creditcard", [&](Payment payment) -> Result<http::Response> {
    if (!awaits_challenge(payment)) return truth(payment);
    payment.details.card_security = answer == "approve" ? "3dsecure" : "normal";
    if (answer != "approve") {
      auto failed = TRY(fail_card(call, std::move(payment),
                                  answer == "refuse" ? "authentication_failed" : "authentication_abandoned"));
      return failed;
    }
    TRY(conclude(call, payment, PaymentStatus::paid));
    return decided(payment);
  });
}

Result<http::Response> pay_by_wallet(Call& call) {
  const auto [name, answer] = TRY(only_pair(call));
  if (name != "answer" || answer != "approve") return no_such_choice();
  return while_open(call, "", [&](const Payment& payment) -> Result<http::Response> {
    if (payment.method != "applepay" && payment.method != "paypal") return truth(payment);
    TRY(conclude(call, payment, PaymentStatus::paid));
    return decided(payment);
  });
}

Result<http::Response> show_bank(Call& call) {
  return while_open(call, "ideal", [&](const Payment& payment) -> Result<http::Response> {
    const TestBank* const bank = find_bank(payment.details.bank);
    if (bank == nullptr) return truth(payment);
    const PayerPage page = TRY(payer_page_of(call, payment));
    return bank_page(language_of(call), page, *bank);
  });
}

Result<http::Response> choose_or_answer_bank(Call& call) {
  const auto [name, value] = TRY(only_pair(call));
  const bool chooses = name == "bank" && find_bank(value) != nullptr;
  if (!chooses && (name != "answer" || (value != "approve" && value != "refuse"))) return no_such_choice();
  return while_open(call, "ideal", [&](Payment payment) -> Result<http::Response> {
    if (chooses) {
      payment.details.bank = value;
      TRY(Payments(call.tx).update(payment));
      return http::see_other(checkout_path(payment) + "/bank");
    }
    if (payment.details.bank.empty()) return truth(payment);
    TRY(conclude(call, payment, value == "approve" ? PaymentStatus::paid : PaymentStatus::failed));
    return decided(payment);
  });
}

Result<http::Response> show_test_cards(Call& call) { return test_cards_page(language_of(call)); }

}  // namespace paylink::simulator
