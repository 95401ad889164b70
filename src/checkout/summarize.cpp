#include "checkout/summarize.hpp"

#include "app/read_items.hpp"

namespace paylink::checkout {
namespace {

Result<BasketView> read_basket(const PaymentLink& link, const Basket& basket, const app::CompatSettings& compat) {
  constexpr VatRounding roundings[] = {VatRounding::line, VatRounding::rate};
  constexpr app::VatRateUnit units[] = {app::VatRateUnit::percent, app::VatRateUnit::fraction};
  const auto attempt = [&](app::VatRateUnit unit, VatRounding rounding) -> Result<BasketView> {
    auto items = TRY(app::read_items(basket.items, unit));
    auto table = TRY(vat_table_of(items, rounding));
    if (table.total != link.amount)
      return fail(ErrorCode::internal, "total_differs", "Something went wrong on our side.",
                  "the items of " + link.id.text() + " do not sum to its amount");
    return BasketView{std::move(items), std::move(table)};
  };
  auto as_set = attempt(compat.vat_rate, compat.vat_rounding);
  if (as_set) return as_set;
  for (const app::VatRateUnit unit : units)
    for (const VatRounding rounding : roundings)
      if (auto as_then = attempt(unit, rounding)) return as_then;
  return as_set;
}

}  // namespace

Result<Summary> summarize(const PaymentLink& link, std::string merchant, Mode mode, const app::CompatSettings& compat) {
  if (const auto* invoice = std::get_if<Invoice>(&link.subject))
    return Summary{std::move(merchant), mode, link.amount, InvoiceView{invoice->number, invoice->debitor_name}};
  auto basket = TRY(read_basket(link, std::get<Basket>(link.subject), compat));
  return Summary{std::move(merchant), mode, link.amount, std::move(basket)};
}

}  // namespace paylink::checkout
