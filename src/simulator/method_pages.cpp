#include <algorithm>

#include "simulator/page_values.hpp"
#include "simulator/payer_page.hpp"

namespace paylink::simulator {

using pages::Language;
using pages::Rows;
using pages::Values;

namespace {

struct FaultRow {
  CardFault fault;
  std::string_view key;
  std::string_view field;  // its id
};

constexpr FaultRow fault_rows[] = {
    {CardFault::number_missing, "simulator.fault.number_missing", "number"},
    {CardFault::number_invalid, "simulator.fault.number_invalid", "number"},
    {CardFault::number_not_test, "simulator.fault.number_not_test", "number"},
    {CardFault::expiry_invalid, "simulator.fault.expiry_invalid", "expiry"},
    {CardFault::expiry_past, "simulator.fault.expiry_past", "expiry"},
    {CardFault::cvc_invalid, "simulator.fault.cvc_invalid", "cvc"},
    {CardFault::cvc_invalid_amex, "simulator.fault.cvc_invalid_amex", "cvc"},
    {CardFault::holder_invalid, "simulator.fault.holder_invalid", "holder"},
};

void set_faults(Values& values, const Language& language, const std::vector<CardFault>& faults) {
  if (faults.empty()) return;
  Rows list;
  for (const CardFault fault : faults) {
    const FaultRow& row = *std::ranges::find(fault_rows, fault, &FaultRow::fault);
    Values one;
    one["text"] = language.text(row.key);
    one["field"] = std::string(row.field);
    list.push_back(std::move(one));
    values[std::string(row.field) + "_fault"] = Values("text", language.text(row.key));
  }
  values["faults_title"] = language.text("fault.title", {{"count", static_cast<std::int64_t>(faults.size())}});
  values["faults"] = Values("list", Values(list));
}

Values page_values(const Language& language, const PayerPage& page) {
  Values values = payment_values(language, page.payment);
  values["path"] = page.path;
  values["pay"] = language.text("simulator.pay", {{"amount", money(language, page.payment)}});
  return values;
}

// As it is printed on the card.
std::string grouped(std::string_view digits) {
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool gap = digits.size() == 15 ? i == 4 || i == 10 : i > 0 && i % 4 == 0;
    if (gap) text += ' ';
    text += digits[i];
  }
  return text;
}

std::string answer_of(const Language& language, const TestCard& card) {
  if (!card.failure_reason.empty())
    return language.text("simulator.cards.declined",
                         {{"reason", word(language, "simulator.failure.", std::string(card.failure_reason))}});
  return language.text(card.challenge == Challenge::always ? "simulator.cards.challenge" : "simulator.cards.paid");
}

Rows amount_rows(const Language& language) {
  Rows rows;
  constexpr std::int64_t first = 1001, last = 1011;
  for (std::int64_t euros = first; euros <= last; ++euros) {
    const Amount amount{euros * 100, "EUR"};
    Values row;
    row["amount"] = language.formats().money(decimal(amount), amount.currency);
    row["code"] = std::string(magic_failure(amount));
    row["text"] = word(language, "simulator.failure.", std::string(magic_failure(amount)));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

http::Response selection_page(const Language& language, const PayerPage& page,
                              const std::vector<std::string_view>& methods) {
  Values values = page_values(language, page);
  Rows rows;
  for (const std::string_view method : methods) {
    Values row;
    row["value"] = std::string(method);
    row["label"] = word(language, "simulator.method.", std::string(method));
    rows.push_back(std::move(row));
  }
  values["methods"] = rows;
  return language.page(200, "simulator/selection", values);
}

http::Response card_page(const Language& language, const PayerPage& page, const CardForm& typed) {
  Values values = page_values(language, page);
  const std::string title = language.text("simulator.title", {{"amount", money(language, page.payment)}});
  values["heading"] = title;
  if (!typed.faults.empty()) values["title"] = language.text("fault.title_prefix", {{"title", title}});
  values["expiry"] = typed.expiry;
  values["holder"] = typed.holder;
  set_faults(values, language, typed.faults);
  return language.page(typed.faults.empty() ? 200 : 422, "simulator/card", values);
}

http::Response challenge_page(const Language& language, const PayerPage& page, const TestCard& card) {
  Values values = page_values(language, page);
  values["title"] = language.text("simulator.bank.title");
  values["bank"] = language.text("simulator.bank.name");
  values["text"] = language.text(
      "simulator.challenge.text",
      {{"payee", page.payment.payee}, {"amount", money(language, page.payment)}, {"card", last_digits(card)}});
  values["action"] = page.path + "/challenge";
  values["abandon"] = true;
  return language.page(200, "simulator/bank", values);
}

http::Response apple_pay_page(const Language& language, const PayerPage& page) {
  Values values = page_values(language, page);
  values["heading"] = language.text("simulator.applepay.heading");
  values["text"] = language.text("simulator.applepay.text", {{"card", last_digits(test_cards[0])}});
  return language.page(200, "simulator/wallet", values);
}

http::Response paypal_page(const Language& language, const PayerPage& page) {
  Values values = page_values(language, page);
  values["heading"] = language.text("simulator.paypal.heading");
  values["text"] =
      language.text("simulator.paypal.text", {{"name", std::string(payer_name)}, {"email", std::string(payer_email)}});
  return language.page(200, "simulator/wallet", values);
}

http::Response banks_page(const Language& language, const PayerPage& page) {
  Values values = page_values(language, page);
  Rows rows;
  for (const TestBank& bank : test_banks) {
    Values row;
    row["bic"] = std::string(bank.bic);
    row["name"] = std::string(bank.name);
    rows.push_back(std::move(row));
  }
  values["banks"] = rows;
  return language.page(200, "simulator/banks", values);
}

http::Response bank_page(const Language& language, const PayerPage& page, const TestBank& bank) {
  Values values = page_values(language, page);
  values["title"] = language.text("simulator.bank.title");
  values["bank"] = std::string(bank.name);
  values["text"] = language.text(
      "simulator.bank.text",
      {{"payee", page.payment.payee}, {"amount", money(language, page.payment)}, {"account", std::string(bank.iban)}});
  values["action"] = page.path + "/bank";
  values["abandon"] = false;
  return language.page(200, "simulator/bank", values);
}

http::Response pending_page(const Language& language, const PayerPage& page, const std::string& redirect_url) {
  Values values = page_values(language, page);
  const auto address = pages::web_address(redirect_url);
  if (!address.empty()) values["back"] = Values("url", address);
  return language.page(200, "simulator/pending", values);
}

http::Response test_cards_page(const Language& language) {
  Values values;
  values["title"] = language.text("simulator.card.list");
  Rows rows;
  for (const TestCard& card : test_cards) {
    Values row;
    row["number"] = grouped(card.number);
    row["label"] = std::string(card.label);
    row["text"] = answer_of(language, card);
    if (!card.failure_reason.empty()) row["code"] = std::string(card.failure_reason);
    rows.push_back(std::move(row));
  }
  values["cards"] = rows;
  values["amounts"] = amount_rows(language);
  return language.page(200, "simulator/test_cards", values);
}

}  // namespace paylink::simulator
