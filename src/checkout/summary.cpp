#include "checkout/summary.hpp"

#include "base/ensure.hpp"

namespace paylink::checkout {

namespace {

using pages::Language;
using pages::Rows;
using pages::Values;

Values item_values(const Language& language, const Item& item) {
  const auto& formats = language.formats();
  const auto net = net_of({item.quantity, item.unit_price, item.vat_rate});
  ENSURE(net.has_value());  // it was computed once already, when the link was created
  pages::Catalog::Arguments arguments{{"quantity", formats.number(item.quantity.decimal())},
                                      {"price", formats.money(item.unit_price)}};
  Values values;
  values["name"] = item.title;
  if (item.description && !item.description->empty()) values["description"] = Values("text", *item.description);
  if (item.measure_unit && !item.measure_unit->empty()) {
    arguments.emplace_back("unit", *item.measure_unit);
    values["quantity"] = language.text("summary.quantity_unit", arguments);
  } else {
    values["quantity"] = language.text("summary.quantity", arguments);
  }
  values["rate"] = language.text("summary.rate", {{"rate", formats.percent(item.vat_rate.percent())}});
  values["net"] = formats.money(*net);
  return values;
}

// A sum of amounts that all belong to one total within the limits.
SignedMoney sum(const std::vector<VatRow>& rows, SignedMoney VatRow::* column) {
  std::int64_t minor_units = 0;
  for (const VatRow& row : rows) minor_units += (row.*column).minor_units();
  const auto result = SignedMoney::of_minor(minor_units, (rows.front().*column).currency());
  ENSURE(result.has_value());
  return *result;
}

Values basket_values(const Language& language, const BasketView& basket) {
  const auto& formats = language.formats();
  ENSURE(!basket.vat.rows.empty());
  Rows items;
  for (const Item& item : basket.items) items.push_back(item_values(language, item));
  Rows rates;
  for (const VatRow& row : basket.vat.rows) {
    Values values;
    values["rate"] = formats.percent(row.rate.percent());
    values["net"] = formats.money(row.net);
    values["vat"] = formats.money(row.vat);
    values["gross"] = formats.money(row.gross);
    rates.push_back(std::move(values));
  }
  Values values;
  values["items"] = items;
  values["rates"] = rates;
  values["net"] = formats.money(sum(basket.vat.rows, &VatRow::net));
  values["vat"] = formats.money(sum(basket.vat.rows, &VatRow::vat));
  values["gross"] = formats.money(basket.vat.total);
  return values;
}

}  // namespace

Values summary_values(const Language& language, const Summary& summary) {
  Values values;
  values["merchant"] = summary.merchant;
  values["amount"] = language.formats().money(summary.amount);
  values["test"] = summary.mode == Mode::test;
  if (const auto* basket = std::get_if<BasketView>(&summary.subject)) {
    values["basket"] = basket_values(language, *basket);
  } else {
    const auto& invoice = std::get<InvoiceView>(summary.subject);
    Values facts;
    facts["number"] = invoice.number;
    facts["debitor"] = invoice.debitor_name;
    values["invoice"] = std::move(facts);
  }
  return values;
}

std::string method_text(const Language& language, PaymentMethod method) {
  return language.text("method." + std::string(payment_method_names.name(method)));
}

}  // namespace paylink::checkout
