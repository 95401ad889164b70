#include "cli/bodies.hpp"

#include <algorithm>
#include <set>

#include "cli/report.hpp"
#include "json/document.hpp"
#include "json/writer.hpp"

namespace paylink::cli {
namespace {

constexpr std::size_t body_bytes_max = 1 << 20;

// Parts between commas; a backslash keeps the next character.
std::vector<std::string> split_item(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      parts.back() += text[++i];
    else if (text[i] == ',')
      parts.emplace_back();
    else
      parts.back() += text[i];
  }
  return parts;
}

bool is_number(const std::string& text) {
  const auto document = json::Document::parse(text);
  return document && document->root().type() == json::Type::number;
}

Result<> write_item(json::Writer& json, const std::string& text) {
  constexpr std::string_view texts[] = {"title", "type", "description", "measure_unit", "vat_rate"};
  std::string price, currency = "EUR";
  std::set<std::string> names;
  json.begin_object();
  for (const std::string& part : split_item(text)) {
    const auto [name, value] = TRY(split_pair(part, "--item"));
    if (!names.insert(name).second) return usage_error("--item names `" + name + "` twice.");
    if (name == "unit_price") {
      price = value;
    } else if (name == "currency") {
      currency = value;
    } else if (name == "quantity") {
      if (!is_number(value)) return usage_error("--item: the quantity must be a number, not `" + value + "`.");
      json.raw(name, value);
    } else if (std::ranges::find(texts, name) != std::end(texts)) {
      json.text(name, value);
    } else {
      return usage_error(
          "--item does not know `" + name +
          "`: it takes title, quantity, unit_price, currency, vat_rate, type, description and measure_unit.");
    }
  }
  if (!price.empty())
    json.key("unit_price").begin_object().text("value", price).text("currency", currency).end_object();
  json.end_object();
  return {};
}

Result<> write_amount(json::Writer& json, const std::string& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return usage_error("--amount must be a value and a currency, such as '10.00 EUR'.");
  json.key("amount").begin_object().text("value", text.substr(0, space));
  json.text("currency", text.substr(space + 1)).end_object();
  return {};
}

// Only text that is no UTF-8 makes a body of flags that is no JSON.
Result<std::string> checked(std::string body) {
  const json::Limits limits{.bytes = body_bytes_max};
  if (body.size() > body_bytes_max) return usage_error("The flags make more than 1 MiB; the API takes 256 KiB.");
  if (!json::Document::parse(body, limits)) return usage_error("The flags hold something that is not UTF-8 text.");
  return body;
}

}  // namespace

Result<std::pair<std::string, std::string>> split_pair(const std::string& text, const std::string& flag) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return usage_error(flag + " takes NAME=VALUE, not `" + text + "`.");
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::string> create_body(const CreateFlags& flags) {
  std::string text;
  json::Writer json(text);
  json.begin_object().key("payment_link").begin_object();
  json.key("potential_payment_methods").begin_array();
  for (const std::string& method : flags.methods) json.text(method);
  json.end_array();
  // The original requires it of a basket.
  if (flags.reusable || !flags.items.empty()) json.boolean("reusable", flags.reusable);
  if (!flags.items.empty()) {
    json.key("items").begin_array();
    for (const std::string& item : flags.items) TRY(write_item(json, item));
    json.end_array();
  }
  if (flags.invoice_id) json.text("invoice_id", *flags.invoice_id);
  if (flags.invoice_number) json.text("invoice_number", *flags.invoice_number);
  if (flags.debitor_name) json.text("debitor_name", *flags.debitor_name);
  if (flags.amount) TRY(write_amount(json, *flags.amount));
  if (!flags.metadata.empty()) {
    std::set<std::string> names;
    json.key("metadata").begin_object();
    for (const std::string& pair : flags.metadata) {
      const auto [name, value] = TRY(split_pair(pair, "--metadata"));
      if (!names.insert(name).second) return usage_error("--metadata names `" + name + "` twice.");
      json.escaped_key(name).text(value);
    }
    json.end_object();
  }
  if (flags.expiration_date) json.text("expiration_date", *flags.expiration_date);
  json.end_object().end_object();
  return checked(std::move(text));
}

Result<std::string> refund_body(const std::optional<std::string>& amount) {
  std::string text;
  json::Writer json(text);
  json.begin_object().key("refund").begin_object();
  if (amount) TRY(write_amount(json, amount->find(' ') == std::string::npos ? *amount + " EUR" : *amount));
  json.end_object().end_object();
  return checked(std::move(text));
}

Result<std::string> connect_body(const ConnectFlags& flags) {
  std::string text;
  json::Writer json(text);
  json.begin_object();
  const auto member = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) json.text(name, *value);
  };
  member("partner_callback_url", flags.callback_url);
  member("user_bank_account_id", flags.bank_account);
  member("user_phone_number", flags.phone_number);
  // The original requires these as well, if only as null.
  const auto member_or_null = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value)
      json.text(name, *value);
    else
      json.null(name);
  };
  member_or_null("business_description", flags.business_description);
  member_or_null("user_website_url", flags.website_url);
  json.end_object();
  return checked(std::move(text));
}

}  // namespace paylink::cli
