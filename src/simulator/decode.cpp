#include "simulator/decode.hpp"

#include <algorithm>
#include <charconv>

#include "json/document.hpp"
#include "json/writer.hpp"
#include "pages/site.hpp"
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

// An integer beyond 64 bits would not be read again; with a fraction it is the same number.
std::string number_text(Value number) {
  std::string text = number.decimal();
  std::uint64_t above = 0;
  const bool is_unsigned = std::from_chars(text.data(), text.data() + text.size(), above).ec == std::errc();
  if (!number.integer() && !is_unsigned && text.find('.') == std::string::npos) text += ".0";
  return text;
}

void append(json::Writer& out, Value value) {
  switch (value.type()) {
    case Type::null:
      out.null();
      return;
    case Type::boolean:
      out.boolean(value.boolean());
      return;
    case Type::number:
      out.raw(number_text(value));
      return;
    case Type::text:
      out.text(value.text());
      return;
    case Type::array:
      out.begin_array();
      for (const Value element : value.children()) append(out, element);
      out.end_array();
      return;
    case Type::object:
      out.begin_object();
      for (const Value element : value.children()) {
        out.escaped_key(element.key());
        append(out, element);
      }
      out.end_object();
      return;
  }
}

Result<std::string> metadata_member(Value object) {
  const auto metadata = member(object, "metadata");
  if (!metadata) return std::string("null");
  std::string text;
  json::Writer writer(text);
  append(writer, *metadata);
  if (text.size() > metadata_bytes_max) return unprocessable("metadata", "The metadata is larger than 1024 bytes");
  return text;
}

// A name, or an array of those that the payer may choose from; one alone is chosen already.
Result<std::optional<std::string>> method_member(Value object) {
  const auto method = member(object, "method");
  std::optional<std::string> chosen;
  if (!method) return chosen;
  const auto check = [](Value name) -> Result<> {
    if (name.type() == Type::text && find_method(name.text())) return {};
    return unprocessable("method", "The payment method is invalid");
  };
  if (method->type() != Type::array) {
    TRY(check(*method));
    chosen = method->text();
    return chosen;
  }
  for (const Value name : method->children()) TRY(check(name));
  if (method->size() == 1) chosen = (*method->children().begin()).text();
  return chosen;
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
  payment.method = TRY(method_member(root));
  const MethodRow* const method = payment.method ? find_method(*payment.method) : nullptr;
  if (method && method->euros_only && payment.amount.currency != "EUR")
    return unprocessable("amount", "The currency is not supported by the payment method");
  if (method && !takes(*method, payment.amount))
    return unprocessable("amount", "The amount is higher than the maximum of the payment method");
  payment.locale = TRY(text_member(root, "locale"));
  payment.metadata = TRY(metadata_member(root));
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
