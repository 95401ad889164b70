#include "app/read_items.hpp"

#include <utility>

#include "json/reader.hpp"

namespace paylink::app {
namespace {

std::optional<std::string> text_of(const json::Reader& field, json::Lines lines = json::Lines::one) {
  const auto text = field.text({}, lines);
  if (!text) return std::nullopt;
  return std::string(*text);
}

// Absent when anything is not as it was written.
std::optional<Item> read_item(const json::Reader& item, VatRateUnit unit) {
  auto title = text_of(item.required("title"));
  const auto number = item.required("quantity").number();
  const json::Reader price = item.required("unit_price").as_object();
  const auto value = price.required("value").text();
  const auto code = price.required("currency").text();
  const auto rate_text = item.required("vat_rate").text();
  if (!title || !number || !value || !code || !rate_text) return std::nullopt;
  const auto currency = Currency::parse(*code);
  if (!currency) return std::nullopt;
  const auto quantity = Quantity::parse(number->decimal());
  const auto unit_price = SignedMoney::parse_decimal(*value, *currency);
  const auto rate = VatRate::parse(*rate_text, unit);
  if (!quantity || !unit_price || !rate) return std::nullopt;
  const json::Reader type = item.optional("type");
  return Item{.title = *std::move(title),
              .type = type.present() ? type.one_of(item_type_names) : std::nullopt,
              .description = text_of(item.optional("description"), json::Lines::many),
              .quantity = *quantity,
              .measure_unit = text_of(item.optional("measure_unit")),
              .unit_price = *unit_price,
              .vat_rate = *rate};
}

Failure damaged(std::string detail) {
  return fail(ErrorCode::internal, "damaged_items", "Something went wrong on our side.", std::move(detail));
}

}  // namespace

Result<std::vector<Item>> read_items(std::string_view items_json, VatRateUnit unit) {
  const auto document = json::Document::parse(items_json);
  if (!document) return damaged(document.error().message);
  json::Faults faults;
  std::vector<Item> items;
  bool complete = true;
  const json::Reader array = json::Reader(faults, document->root()).as_array({.min = 1});
  array.each([&](const json::Reader& element) {
    auto item = read_item(element.as_object(), unit);
    complete = complete && item;
    if (item) items.push_back(*std::move(item));
  });
  if (auto result = faults.result(); !result) return damaged(result.error().message);
  if (!complete) return damaged("an item's number cannot be read");
  return items;
}

}  // namespace paylink::app
