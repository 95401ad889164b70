#include "checkout/link_page.hpp"

#include <algorithm>

namespace paylink::checkout {

namespace {

using pages::Language;
using pages::Rows;
using pages::Values;

// From here on the summary pushes the form off a phone's first screen.
constexpr std::size_t long_basket = 4;

struct FaultText {
  FormFault fault;
  std::string_view key;
  std::string_view field;  // whose message it is
};

constexpr FaultText fault_texts[] = {
    {FormFault::email_missing, "fault.email_missing", "email"},
    {FormFault::email_invalid, "fault.email_invalid", "email"},
    {FormFault::method_missing, "fault.method_missing", "method"},
    {FormFault::method_unavailable, "fault.method_unavailable", "method"},
};

const FaultText& text_of(FormFault fault) { return *std::ranges::find(fault_texts, fault, &FaultText::fault); }

std::string method_id(PaymentMethod method) { return "method-" + std::string(payment_method_names.name(method)); }

void set_faults(Values& values, const Language& language, const PayForm& form, const PaymentMethods& methods) {
  if (form.faults.empty()) return;
  Rows list;
  for (const FormFault fault : form.faults) {
    const FaultText& text = text_of(fault);
    const bool of_email = text.field == "email";
    Values row;
    row["text"] = language.text(text.key);
    row["field"] = of_email || methods.empty() ? "email" : method_id(methods.front());
    list.push_back(std::move(row));
    values[of_email ? "email_fault" : "method_fault"] = Values("text", language.text(text.key));
  }
  const auto count = static_cast<std::int64_t>(form.faults.size());
  values["faults_title"] = language.text("fault.title", {{"count", count}});
  values["faults"] = Values("list", Values(list));
}

Rows method_rows(const Language& language, const PayForm& form, const PaymentMethods& methods) {
  Rows rows;
  for (const PaymentMethod method : methods) {
    Values row;
    row["id"] = method_id(method);
    row["value"] = std::string(payment_method_names.name(method));
    row["label"] = method_text(language, method);
    row["checked"] = form.method ? *form.method == method : methods.size() == 1;
    rows.push_back(std::move(row));
  }
  return rows;
}

void set_form(Values& values, const Language& language, const LinkPage& view, const PaymentMethods& methods) {
  const pages::Catalog::Arguments payment{{"amount", language.formats().money(view.summary.amount)},
                                          {"merchant", view.summary.merchant}};
  if (methods.empty()) {
    values["no_method"] = language.text("link.no_method", payment);
    return;
  }
  Values form;
  form["action"] = view.form.action;
  form["token"] = view.form.token;
  form["email"] = view.form.email;
  form["email_hint"] = language.text("link.email_hint", payment);
  form["methods"] = method_rows(language, view.form, methods);
  form["button"] = language.text(view.begun ? "link.button_again" : "link.button", payment);
  values["form"] = std::move(form);
}

}  // namespace

PaymentMethods usable_methods(const PaymentMethods& methods, Currency currency) {
  PaymentMethods result;
  for (const PaymentMethod method : methods)
    if (method != PaymentMethod::ideal || currency.code() == "EUR") result.push_back(method);
  return result;
}

http::Response link_page(const Language& language, const LinkPage& view) {
  const auto methods = usable_methods(view.form.methods, view.summary.amount.currency());
  Values values = summary_values(language, view.summary);
  const std::string title = language.text(
      "link.title", {{"amount", language.formats().money(view.summary.amount)}, {"merchant", view.summary.merchant}});
  values["title"] = view.form.faults.empty() ? title : language.text("fault.title_prefix", {{"title", title}});
  const auto* basket = std::get_if<BasketView>(&view.summary.subject);
  values["long"] = basket && basket->items.size() >= long_basket;
  if (view.begun) {
    Values begun;
    const auto address = pages::web_address(view.begun->continue_url);
    if (!address.empty()) begun["continue"] = Values("url", address);
    values["begun"] = std::move(begun);
  }
  set_faults(values, language, view.form, methods);
  set_form(values, language, view, methods);
  return language.page(view.form.faults.empty() ? 200 : 422, "checkout/link", values);
}

}  // namespace paylink::checkout
