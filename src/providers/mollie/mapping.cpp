#include "providers/mollie/mapping.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "json/writer.hpp"
#include "providers/mollie/answer.hpp"

namespace paylink::providers::mollie {
namespace {

using json::Type;
using json::Value;

constexpr std::size_t id_bytes_max = 64;

constexpr auto method_names = names<PaymentMethod>({
    {PaymentMethod::credit_card, "creditcard"},
    {PaymentMethod::apple_pay, "applepay"},
    {PaymentMethod::paypal, "paypal"},
    {PaymentMethod::ideal, "ideal"},
});

// Those of docs.mollie.com/reference/common-data-types, "locale".
constexpr std::string_view locales[] = {"ca_ES", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "de_LU",
                                        "en_BE", "en_GB", "en_NL", "en_US", "es_ES", "fi_FI", "fr_BE",
                                        "fr_FR", "fr_LU", "hu_HU", "is_IS", "it_IT", "lt_LT", "lv_LV",
                                        "nb_NO", "nl_BE", "nl_NL", "pl_PL", "pt_PT", "sk_SK", "sv_SE"};

constexpr auto refund_state_names = names<app::ProviderRefundState>({
    {app::ProviderRefundState::pending, "queued"},
    {app::ProviderRefundState::pending, "pending"},
    {app::ProviderRefundState::pending, "processing"},
    {app::ProviderRefundState::refunded, "refunded"},
    {app::ProviderRefundState::failed, "failed"},
    {app::ProviderRefundState::failed, "canceled"},
});

Result<std::string> text_member(Value object, std::string_view key) {
  const auto found = member(object, key, Type::text);
  if (!found) return nonsense("no text in " + std::string(key));
  return as_text(found->text());
}

Result<Money> money_member(Value object, std::string_view key) {
  const auto amount = member(object, key, Type::object);
  if (!amount) return nonsense("no object in " + std::string(key));
  const auto value = TRY(text_member(*amount, "value"));
  const auto code = TRY(text_member(*amount, "currency"));
  const auto currency = Currency::parse(code);
  if (!currency) return nonsense("the currency is " + code);
  const auto money = Money::parse_decimal(value, *currency);
  if (!money || money->decimal() != value) return nonsense("the amount is " + value + " " + code);
  return *money;
}

// Absent where Mollie leaves it out or says null.
Result<std::optional<Time>> time_member(Value object, std::string_view key) {
  const auto found = object.find(key);
  if (!found || found->is_null()) return std::optional<Time>();
  const auto time = found->type() == Type::text ? parse_rfc3339(found->text()) : std::nullopt;
  if (!time) return nonsense("no time in " + std::string(key));
  return time;
}

// Our id of what a resource was made for, as we put it there.
std::string ours_in_metadata(Value resource, std::string_view key) {
  const auto metadata = member(resource, "metadata", Type::object);
  const auto ours = metadata ? member(*metadata, key, Type::text) : std::nullopt;
  return ours ? std::string(ours->text()) : std::string();
}

// By what it is paid, or going to be. Mollie may call an Apple Pay payment a card's: which of the two it is its details
// say, which come with its end.
std::optional<PaymentMethod> method_of(Value payment, AttemptState state) {
  const auto name = member(payment, "method", Type::text);
  const auto method = name ? method_names.parse(name->text()) : std::nullopt;
  if (method != PaymentMethod::credit_card) return method;
  const auto details = member(payment, "details", Type::object);
  if (!details && state != AttemptState::paid) return std::nullopt;
  const auto wallet = details ? member(*details, "wallet", Type::text) : std::nullopt;
  return wallet && wallet->text() == "applepay" ? PaymentMethod::apple_pay : method;
}

// Where the payer is sent: nothing but a web address may come out of this.
Result<std::string> checkout_url_of(Value payment) {
  const auto links = member(payment, "_links", Type::object);
  if (!links) return nonsense("no _links");
  const auto checkout = member(*links, "checkout", Type::object);
  if (!checkout) return std::string();
  auto url = TRY(text_member(*checkout, "href"));
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (!web || std::ranges::any_of(url, [](char c) { return c <= ' ' || c > '~'; }))
    return nonsense("the checkout address is " + url);
  return url;
}

Result<json::Document> parse_resource(std::string_view body, std::string_view resource) {
  auto document = json::Document::parse(body);
  if (!document) return nonsense("no JSON: " + document.error().message);
  const auto name = TRY(text_member(document->root(), "resource"));
  if (name != resource) return nonsense("the resource is " + name);
  return document;
}

Result<std::string> id_member(Value object, std::string_view key, std::string_view prefix) {
  auto id = TRY(text_member(object, key));
  if (!is_id(id, prefix)) return nonsense("the " + std::string(key) + " is " + id);
  return id;
}

// A test key must never hear of real money, nor the other way round.
Result<> check_mode(Value resource, std::string_view mode) {
  if (mode.empty()) return {};
  const auto said = TRY(text_member(resource, "mode"));
  if (said != mode) return nonsense("the mode is " + said);
  return {};
}

Result<app::ProviderRefund> refund_of(Value root, std::string_view mode) {
  TRY(check_mode(root, mode));
  auto id = TRY(id_member(root, "id", "re_"));
  TRY(check_self(root, id));
  const auto status = TRY(text_member(root, "status"));
  // With a status that Mollie has come to have since then it is not over, and what is told beside it is true all the
  // same.
  const auto state = refund_state_names.parse(status).value_or(app::ProviderRefundState::pending);
  const auto amount = TRY(money_member(root, "amount"));
  return app::ProviderRefund{std::move(id), state, amount, ours_in_metadata(root, "refund")};
}

Result<app::ProviderChargeback> chargeback_of(Value root) {
  auto id = TRY(id_member(root, "id", "chb_"));
  const auto amount = TRY(money_member(root, "amount"));
  const auto created_at = TRY(time_member(root, "createdAt"));
  if (!created_at) return nonsense("a chargeback without createdAt");
  const auto reversed_at = TRY(time_member(root, "reversedAt"));
  return app::ProviderChargeback{std::move(id), amount, *created_at, reversed_at};
}

// There only when they were asked for, and there are any.
Result<std::vector<app::ProviderChargeback>> chargebacks_in(Value payment) {
  std::vector<app::ProviderChargeback> chargebacks;
  const auto embedded = member(payment, "_embedded", Type::object);
  const auto list = embedded ? member(*embedded, "chargebacks", Type::array) : std::nullopt;
  if (!list) return chargebacks;
  for (const Value entry : list->children()) {
    auto chargeback = TRY(chargeback_of(entry));
    chargebacks.push_back(std::move(chargeback));
  }
  return chargebacks;
}

// As with chargebacks. Those that others have made, in Mollie's own dashboard for one, have no metadata of ours.
Result<std::vector<app::ProviderRefund>> refunds_in(Value payment, std::string_view mode) {
  std::vector<app::ProviderRefund> refunds;
  const auto embedded = member(payment, "_embedded", Type::object);
  const auto list = embedded ? member(*embedded, "refunds", Type::array) : std::nullopt;
  if (!list) return refunds;
  for (const Value entry : list->children()) {
    auto refund = TRY(refund_of(entry, mode));
    refunds.push_back(std::move(refund));
  }
  return refunds;
}

void append_money(json::Writer& out, const Money& amount) {
  out.key("amount").begin_object();
  out.text("currency", amount.currency().code()).text("value", amount.decimal()).end_object();
}

}  // namespace

bool is_id(std::string_view text, std::string_view prefix) {
  const auto is_letter = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return text.starts_with(prefix) && text.size() > prefix.size() && text.size() <= id_bytes_max &&
         std::ranges::all_of(text.substr(prefix.size()), is_letter);
}

Result<> check_self(json::Value resource, std::string_view id) {
  const auto links = member(resource, "_links", Type::object);
  const auto self = links ? member(*links, "self", Type::object) : std::nullopt;
  if (!self) return {};
  const auto href = TRY(text_member(*self, "href"));
  const std::string_view path = std::string_view(href).substr(0, href.find('?'));
  if (path.substr(path.rfind('/') + 1) != id) return nonsense("the id is " + std::string(id) + " at " + href);
  return {};
}

std::string write_payment(const app::NewProviderPayment& payment) {
  std::string body;
  json::Writer out(body);
  out.begin_object();
  append_money(out, payment.amount);
  out.text("description", payment.description);
  out.text("redirectUrl", payment.redirect_url);
  if (!payment.notification_url.empty()) out.text("webhookUrl", payment.notification_url);
  out.text("method", method_names.name(payment.method));
  out.key("metadata").begin_object().text("attempt", payment.attempt).end_object();
  out.end_object();
  return body;
}

std::string write_refund(const app::NewProviderRefund& refund) {
  std::string body;
  json::Writer out(body);
  out.begin_object();
  append_money(out, refund.amount);
  out.text("description", refund.description);
  out.key("metadata").begin_object().text("refund", refund.refund).end_object();
  out.end_object();
  return body;
}

Result<app::ProviderPayment> read_payment(std::string_view body, std::string_view mode) {
  const auto document = TRY(parse_resource(body, "payment"));
  const Value root = document.root();
  TRY(check_mode(root, mode));
  auto id = TRY(id_member(root, "id", "tr_"));
  TRY(check_self(root, id));
  const auto status = TRY(text_member(root, "status"));
  const auto state = attempt_state_names.parse(status);
  if (!state) return nonsense("the status is " + status);
  const auto amount = TRY(money_member(root, "amount"));
  auto checkout_url = TRY(checkout_url_of(root));
  const auto expires_at = TRY(time_member(root, "expiresAt"));
  const auto paid_at = TRY(time_member(root, "paidAt"));
  const auto cancelable = member(root, "isCancelable", Type::boolean);
  auto chargebacks = TRY(chargebacks_in(root));
  auto refunds = TRY(refunds_in(root, mode));
  return app::ProviderPayment{std::move(id),
                              *state,
                              amount,
                              ours_in_metadata(root, "attempt"),
                              std::move(checkout_url),
                              cancelable && cancelable->boolean(),
                              expires_at,
                              std::move(chargebacks),
                              method_of(root, *state),
                              std::move(refunds),
                              paid_at};
}

Result<app::ProviderRefund> read_refund(std::string_view body, std::string_view mode) {
  const auto document = TRY(parse_resource(body, "refund"));
  return refund_of(document.root(), mode);
}

Result<std::vector<app::ListedChargeback>> read_chargebacks(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return nonsense("no JSON: " + document.error().message);
  const auto embedded = member(document->root(), "_embedded", Type::object);
  const auto list = embedded ? member(*embedded, "chargebacks", Type::array) : std::nullopt;
  if (!list) return nonsense("a list without its chargebacks");
  std::vector<app::ListedChargeback> chargebacks;
  for (const Value entry : list->children()) {
    auto payment = TRY(id_member(entry, "paymentId", "tr_"));
    auto chargeback = TRY(chargeback_of(entry));
    chargebacks.push_back({std::move(payment), std::move(chargeback)});
  }
  return chargebacks;
}

std::string methods_target(const app::MethodsQuestion& question) {
  // Apple Pay is left out unless one asks for wallets.
  std::string target = "/v2/methods?includeWallets=applepay";
  if (question.amount) {
    target.append("&amount%5Bvalue%5D=").append(question.amount->decimal());
    target.append("&amount%5Bcurrency%5D=").append(question.amount->currency().code());
  }
  if (std::ranges::find(locales, question.locale) != std::end(locales)) target += "&locale=" + question.locale;
  return target;
}

Result<PaymentMethods> read_methods(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return nonsense("no JSON: " + document.error().message);
  const auto embedded = member(document->root(), "_embedded", Type::object);
  const auto list = embedded ? member(*embedded, "methods", Type::array) : std::nullopt;
  if (!list) return nonsense("a list without its methods");
  PaymentMethods methods;
  for (const Value entry : list->children()) {
    const auto id = TRY(text_member(entry, "id"));
    const auto method = method_names.parse(id);
    if (method && std::ranges::find(methods, *method) == methods.end()) methods.push_back(*method);
  }
  return methods;
}

Result<app::ProviderProfile> read_profile(std::string_view body, std::string_view mode) {
  const auto document = TRY(parse_resource(body, "profile"));
  TRY(check_mode(document.root(), mode));
  auto id = TRY(id_member(document.root(), "id", "pfl_"));
  TRY(check_self(document.root(), id));
  auto name = TRY(text_member(document.root(), "name"));
  const auto status = TRY(text_member(document.root(), "status"));
  return app::ProviderProfile{std::move(id), std::move(name), status == "blocked"};
}

Failure read_failure(Operation operation, int status, std::string_view body) {
  // The provider's own words, bounded wherever that cuts them, for the log and for alerts.
  std::string detail = "HTTP " + std::to_string(status) + ": " + as_text(body.substr(0, 300));
  if (status == 401 || status == 403)
    return fail(ErrorCode::unavailable, "provider_refuses_key", "The payment provider does not accept our key.",
                std::move(detail));
  if (status == 404)
    return fail(ErrorCode::not_found, "provider_not_found", "The payment provider does not know this.",
                std::move(detail));
  if (status == 409 || (status == 422 && operation == Operation::cancel))
    return fail(ErrorCode::conflict, "provider_conflict", "The payment provider cannot do this now.",
                std::move(detail));
  if (status == 408 || status == 429 || status >= 500)
    return fail(ErrorCode::unavailable, "provider_unavailable",
                "The payment provider is not available. Try again later.", std::move(detail));
  if (status >= 400)
    return fail(ErrorCode::invalid_input, "provider_refused", "The payment provider has refused this.",
                std::move(detail));
  return nonsense(detail);
}

}  // namespace paylink::providers::mollie
