#include "api/items_json.hpp"

#include <algorithm>

#include "domain/vat.hpp"
#include "json/writer.hpp"

namespace paylink::api {
namespace {

constexpr std::size_t items_max = 500;
constexpr json::Range title_length{.min = 1, .max = 255};
constexpr json::Range item_description_length{.min = 0, .max = 2000};
constexpr json::Range measure_unit_length{.min = 0, .max = 64};

// The currency without a word about what is wrong with it: how many decimals a value may have depends on it.
std::optional<Currency> peek_currency(const json::Reader& amount) {
  if (!amount.present()) return std::nullopt;
  const auto code = json::member(amount.value(), "currency", json::Type::text);
  if (!code) return std::nullopt;
  return Currency::parse(code->text());
}

void check_currency(const json::Reader& currency) {
  const auto code = currency.text();
  if (!code || Currency::parse(*code)) return;
  currency.fault("not_in_list", currency_advice(*code));
}

std::string decimal_syntax(const std::optional<Currency>& currency) {
  if (!currency) return "must be a decimal string such as \"10.99\"";
  if (currency->exponent() == 0)
    return "must be a decimal string without decimals: " + std::string(currency->code()) + " has none";
  return "must be a decimal string with at most " + std::to_string(currency->exponent()) + " decimals";
}

// The largest amount as people write it in that currency.
std::string largest(Currency currency) {
  return print_decimal(amount_minor_max, currency.exponent(), Zeros::kept) + " " + std::string(currency.code());
}

std::optional<SignedMoney> parse_value(const json::Reader& value, std::string_view text,
                                       const std::optional<Currency>& currency) {
  if (!currency) {  // reported elsewhere; what can be no amount of any currency is reported here all the same
    const auto number = parse_decimal(text, {.decimals = 4, .minus = Sign::allowed});
    if (!number && number.error().reason == "invalid_decimal") value.fault("invalid_format", decimal_syntax(currency));
    return std::nullopt;
  }
  const auto money = SignedMoney::parse_decimal(text, *currency);
  if (money) return *money;
  if (money.error().reason == "amount_out_of_range")
    value.fault("out_of_range", "must be at most " + largest(*currency));
  else
    value.fault("invalid_format", decimal_syntax(currency));
  return std::nullopt;
}

std::optional<Quantity> decode_quantity(const json::Reader& field) {
  const auto number = field.number();
  if (!number) return std::nullopt;
  const auto quantity = Quantity::parse(number->decimal());
  if (quantity) return *quantity;
  if (quantity.error().reason == "quantity_out_of_range")
    field.fault("out_of_range", "must be more than 0 and at most 999999999");
  else
    field.fault("invalid_format", "must have at most 6 decimals");
  return std::nullopt;
}

struct SentRate {
  VatRate rate;
  std::string_view text;
};

std::optional<SentRate> decode_vat_rate(const json::Reader& field, VatRateUnit unit) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  const auto rate = VatRate::parse(*text, unit);
  if (rate) return SentRate{*rate, *text};
  const bool percent = unit == VatRateUnit::percent;
  if (rate.error().reason == "vat_rate_out_of_range")
    field.fault("out_of_range", percent ? "must be from 0 to 100" : "must be from 0 to 1");
  else
    field.fault("invalid_format", percent ? "must be a decimal string with at most 4 decimals, such as \"21.0\""
                                          : "must be a decimal string with at most 6 decimals, such as \"0.21\"");
  return std::nullopt;
}

// Collects the items one by one.
class BasketReader {
 public:
  BasketReader(std::string& out, const app::CompatSettings& compat)
      : json_(out), compat_(compat), sum_(compat.vat_rounding) {}

  void add(const json::Reader& element) {
    const json::Reader item = element.as_object();
    json_.begin_object();
    const bool named = add_text(item.required("title"), "title", title_length);
    const bool typed = add_type(item.optional("type"));
    const bool described =
        add_text(item.optional("description"), "description", item_description_length, json::Lines::many);
    const auto quantity = decode_quantity(item.required("quantity"));
    if (quantity) json_.raw("quantity", quantity->decimal());
    const bool measured = add_text(item.optional("measure_unit"), "measure_unit", measure_unit_length);
    const json::Reader unit_price = item.required("unit_price").as_object();
    const auto price = decode_amount(unit_price);
    if (price) {
      json_.key("unit_price").begin_object().text("value", price->value);
      json_.text("currency", price->amount.currency().code()).end_object();
    }
    const auto rate = decode_vat_rate(item.required("vat_rate"), compat_.vat_rate);
    if (rate) json_.text("vat_rate", rate->text);
    json_.end_object();
    const bool same = !price || same_currency(unit_price, price->amount.currency());
    faultless_ = faultless_ && named && typed && described && measured && quantity && price && same && rate;
    if (quantity && price && same && rate)
      add_line(item, {.quantity = *quantity, .unit_price = price->amount, .vat_rate = rate->rate});
  }

  std::optional<Money> total(const json::Reader& items) const {
    if (!faultless_) return std::nullopt;
    const auto table = sum_.table();
    if (table) return table->total;
    if (table.error().reason == "total_not_positive")
      items.fault("out_of_range", "must sum to more than zero");
    else
      items.fault("out_of_range", "must sum to at most " + largest(*currency_));
    return std::nullopt;
  }

 private:
  // True unless there is something wrong with a text that is there or must be there.
  bool add_text(const json::Reader& field, std::string_view name, json::Range length,
                json::Lines lines = json::Lines::one) {
    const auto text = field.text(length, lines);
    if (text) json_.text(name, *text);
    return text.has_value() || (!field.present() && name != "title");
  }

  bool add_type(const json::Reader& field) {
    if (!field.present()) return true;
    const auto type = field.one_of(item_type_names);
    if (type) json_.text("type", item_type_names.name(*type));
    return type.has_value();
  }

  bool same_currency(const json::Reader& unit_price, Currency currency) {
    if (!currency_) currency_ = currency;
    if (*currency_ == currency) return true;
    unit_price.required("currency")
        .fault("invalid", "must be " + std::string(currency_->code()) + ": all items of a basket are of one currency");
    return false;
  }

  void add_line(const json::Reader& item, const VatLine& line) {
    if (sum_.add(line)) return;
    item.fault("out_of_range", "must cost at most " + largest(*currency_) + ", VAT included");
    faultless_ = false;
  }

  json::Writer json_;
  const app::CompatSettings& compat_;
  VatSum sum_;
  std::optional<Currency> currency_;
  bool faultless_ = true;
};

}  // namespace

std::optional<DecodedAmount> decode_amount(const json::Reader& amount) {
  if (!amount.present()) return std::nullopt;
  const auto currency = peek_currency(amount);
  const json::Reader value = amount.required("value");
  const auto text = value.text();
  const auto money = text ? parse_value(value, *text, currency) : std::nullopt;
  check_currency(amount.required("currency"));
  if (!money) return std::nullopt;
  return DecodedAmount{*money, *text};
}

std::optional<DecodedItems> decode_items(const json::Reader& items, const app::CompatSettings& compat) {
  const json::Reader array = items.as_array({.min = 1, .max = items_max});
  if (!array.present()) return std::nullopt;
  std::string out;
  out.reserve(array.value().size() * 192);
  out += '[';
  BasketReader basket(out, compat);
  array.each([&](const json::Reader& element) { basket.add(element); });
  const auto total = basket.total(array);
  if (!total) return std::nullopt;
  out += ']';
  return DecodedItems{std::move(out), *total};
}

std::string currency_advice(std::string_view code) {
  std::string capitals(code.substr(0, 3)), advice = "must be an active ISO 4217 currency code";
  std::ranges::transform(capitals, capitals.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  if (code.size() == 3 && Currency::parse(capitals)) advice += " in capitals (did you mean " + capitals + "?)";
  std::string list;
  for (const std::string_view known : Currency::codes()) json::Reader::append_to_list(list, known);
  return advice + ", one of " + list;
}

}  // namespace paylink::api
