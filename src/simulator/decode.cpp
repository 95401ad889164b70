#include "simulator/decode.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "pages/site.hpp"
#include "simulator/copy_json.hpp"
#include "simulator/lines.hpp"
#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

using json::Type;
using json::Value;

constexpr std::size_t description_max = 255;
constexpr std::size_t metadata_bytes_max = 1024;
constexpr std::size_t url_bytes_max = 2048;

Result<json::Document> parse_object(std::string_view body) {
  auto document = json::Document::parse(body);
  if (!document || document->root().type() != Type::object)
    return fail(ErrorCode::invalid_input, "bad_request", "The request body is not a JSON object",
                document ? "" : document.error().message);
  return document;
}

// A member that is there and not null.
std::optional<Value> member(Value object, std::string_view key) {
  const auto found = object.find(key);
  return found && !found->is_null() ? found : std::nullopt;
}

Result<std::optional<std::string>> text_member(Value object, std::string_view key) {
  const auto found = member(object, key);
  if (!found) return std::optional<std::string>();
  if (found->type() != Type::text)
    return unprocessable(std::string(key), "The " + std::string(key) + " is not a string");
  return std::optional<std::string>(found->text());
}

Result<std::optional<std::string>> url_member(Value object, std::string_view key) {
  auto url = TRY(text_member(object, key));
  if (url && (pages::web_address(*url).empty() || url->size() > url_bytes_max))
    return unprocessable(std::string(key), "The " + std::string(key) + " is invalid");
  return url;
}

Result<Amount> amount_member(Value object) {
  const auto amount = member(object, "amount");
  if (!amount) return unprocessable("amount", "The amount is required");
  if (amount->type() != Type::object) return unprocessable("amount", "The amount is not an object");
  const auto value = amount->find("value");
  const auto currency = amount->find("currency");
  const bool texts = value && currency && value->type() == Type::text && currency->type() == Type::text;
  const auto parsed = texts ? parse_amount(value->text(), currency->text()) : std::nullopt;
  if (!parsed) return unprocessable("amount", "The amount contains an invalid value");
  if (parsed->minor == 0) return unprocessable("amount", "The amount is lower than the minimum");
  return *parsed;
}

// Longer text is cut, never refused; a cut is never inside a character.
std::string cut(std::string_view text, std::size_t code_points) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && seen++ == code_points) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

Result<std::string> metadata_member(Value object) {
  const auto metadata = member(object, "metadata");
  if (!metadata) return std::string("null");
  std::string text = json_text(*metadata);
  if (text.size() > metadata_bytes_max) return unprocessable("metadata", "The metadata is larger than 1024 bytes");
  return text;
}

// Those of docs.mollie.com/reference/common-data-types, "locale".
constexpr std::string_view locales[] = {"ca_ES", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "de_LU",
                                        "en_BE", "en_GB", "en_NL", "en_US", "es_ES", "fi_FI", "fr_BE",
                                        "fr_FR", "fr_LU", "hu_HU", "is_IS", "it_IT", "lt_LT", "lv_LV",
                                        "nb_NO", "nl_BE", "nl_NL", "pl_PL", "pt_PT", "sk_SK", "sv_SE"};

Result<std::optional<std::string>> locale_member(Value object) {
  auto locale = TRY(text_member(object, "locale"));
  if (locale && std::ranges::find(locales, *locale) == std::end(locales))
    return unprocessable("locale", "The locale is invalid");
  return locale;
}

// A name, or an array of those that the payer may choose from; one alone is chosen already.
Result<> read_method(Value object, NewPayment& payment) {
  const auto method = member(object, "method");
  payment.method.reset();
  payment.allowed_methods.clear();
  if (!method) return {};
  const auto check = [](Value name) -> Result<> {
    if (name.type() == Type::text && find_method(name.text())) return {};
    return unprocessable("method", "The payment method is invalid");
  };
  if (method->type() != Type::array) {
    TRY(check(*method));
    payment.method = method->text();
    return {};
  }
  for (const Value name : method->children()) {
    TRY(check(name));
    if (!payment.allowed_methods.empty()) payment.allowed_methods += ',';
    payment.allowed_methods += name.text();
  }
  if (method->size() == 1) payment.method = payment.allowed_methods;
  return {};
}

// What is given back as it came, and changes nothing here.
Result<> read_echoed(Value object, NewPayment& payment) {
  for (const auto& [key, kept] : {std::pair("billingAddress", &payment.billing_address),
                                  std::pair("shippingAddress", &payment.shipping_address)}) {
    if (!object.find(key)) continue;
    const auto address = member(object, key);
    if (address && address->type() != Type::object)
      return unprocessable(key, "The " + std::string(key) + " is not an object");
    *kept = address ? json_text(*address) : "";
  }
  constexpr std::string_view country_key = "restrictPaymentMethodsToCountry";
  if (!object.find(country_key)) return {};
  const auto country = TRY(text_member(object, country_key));
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (country && (country->size() != 2 || !std::ranges::all_of(*country, is_capital)))
    return unprocessable(std::string(country_key), "The country is not two capital letters");
  payment.country = country;
  return {};
}

// Fails with `unprocessable` when the method that was chosen does not take the amount.
Result<> check_method(const NewPayment& payment) {
  const MethodRow* const method = payment.method ? find_method(*payment.method) : nullptr;
  if (method == nullptr) return {};
  if (method->euros_only && payment.amount.currency != "EUR")
    return unprocessable("amount", "The currency is not supported by the payment method");
  if (!takes(*method, payment.amount))
    return unprocessable("amount", "The amount is higher than the maximum of the payment method");
  return {};
}

Result<> refuse_unsupported(Value object) {
  const auto sequence = TRY(text_member(object, "sequenceType"));
  if (sequence && *sequence != "oneoff") return unprocessable("sequenceType", "Only oneoff payments are simulated");
  const auto capture = TRY(text_member(object, "captureMode"));
  if (capture && *capture != "automatic") return unprocessable("captureMode", "Only automatic capture is simulated");
  return {};
}

}  // namespace

Result<NewPayment> decode_payment(std::string_view body) {
  const auto document = TRY(parse_object(body));
  const Value root = document.root();
  NewPayment payment;
  payment.amount = TRY(amount_member(root));
  auto description = TRY(text_member(root, "description"));
  if (!description || description->empty()) return unprocessable("description", "The description is required");
  payment.description = cut(*description, description_max);
  auto redirect_url = TRY(url_member(root, "redirectUrl"));
  if (!redirect_url) return unprocessable("redirectUrl", "The redirectUrl is required");
  payment.redirect_url = *std::move(redirect_url);
  payment.cancel_url = TRY(url_member(root, "cancelUrl"));
  // The real provider refuses addresses it cannot reach; here nearly everything lives on the loopback.
  payment.webhook_url = TRY(url_member(root, "webhookUrl"));
  TRY(read_method(root, payment));
  TRY(check_method(payment));
  payment.locale = TRY(locale_member(root));
  payment.metadata = TRY(metadata_member(root));
  payment.lines = TRY(read_lines(root, payment.amount));
  TRY(read_echoed(root, payment));
  TRY(refuse_unsupported(root));
  return payment;
}

namespace {

bool has(Value object, std::string_view key) { return object.find(key).has_value(); }

// Where the payer goes is of no use any more once the payment has ended.
Result<> check_updatable(Value root, const Payment& payment) {
  if (!payment.is_final()) return {};
  for (const std::string_view key : {"redirectUrl", "cancelUrl", "webhookUrl", "method", "locale"})
    if (has(root, key))
      return unprocessable(std::string(key),
                           "The " + std::string(key) + " cannot be changed of a payment that has ended");
  return {};
}

}  // namespace

Result<Payment> decode_update(std::string_view body, Payment payment) {
  const auto document = TRY(parse_object(body));
  const Value root = document.root();
  TRY(check_updatable(root, payment));
  if (has(root, "description")) {
    const auto description = TRY(text_member(root, "description"));
    if (!description || description->empty()) return unprocessable("description", "The description is required");
    payment.description = cut(*description, description_max);
  }
  if (has(root, "redirectUrl")) {
    auto redirect_url = TRY(url_member(root, "redirectUrl"));
    if (!redirect_url) return unprocessable("redirectUrl", "The redirectUrl is required");
    payment.redirect_url = *std::move(redirect_url);
  }
  if (has(root, "cancelUrl")) payment.cancel_url = TRY(url_member(root, "cancelUrl"));
  if (has(root, "webhookUrl")) payment.webhook_url = TRY(url_member(root, "webhookUrl"));
  if (has(root, "locale")) payment.locale = TRY(locale_member(root));
  if (has(root, "metadata")) payment.metadata = TRY(metadata_member(root));
  TRY(read_echoed(root, payment));
  if (has(root, "method")) {
    TRY(read_method(root, payment));
    TRY(check_method(payment));
    payment.details = {};
  }
  TRY(refuse_unsupported(root));
  return payment;
}

Result<NewRefund> decode_refund(std::string_view body, const Payment& payment) {
  const auto document = TRY(parse_object(body));
  const Value root = document.root();
  NewRefund refund;
  refund.amount = TRY(amount_member(root));
  if (refund.amount.currency != payment.amount.currency)
    return unprocessable("amount", "The currency is not that of the payment");
  const auto description = TRY(text_member(root, "description"));
  refund.description = cut(description.value_or(""), description_max);
  refund.metadata = TRY(metadata_member(root));
  return refund;
}

}  // namespace paylink::simulator
