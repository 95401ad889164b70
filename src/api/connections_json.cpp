#include "api/connections_json.hpp"

#include <algorithm>

#include "http/web_address.hpp"
#include "json/document.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace paylink::api {
namespace {

constexpr json::Range callback_length{.min = 1, .max = 2048};
constexpr json::Range description_length{.min = 80, .max = 2000};
constexpr json::Range website_length{.min = 1, .max = 255};

std::string decode_callback(const json::Reader& field, app::Onboarding onboarding) {
  const auto text = field.text(callback_length);
  if (!text) return {};
  const auto address = http::parse_web_address(*text);
  const bool trusted = address && (address->scheme == http::Scheme::https ||
                                   (onboarding == app::Onboarding::sandbox && address->is_loopback()));
  if (trusted && !address->has_user) return std::string(*text);
  field.fault("invalid_format", "must be an https URL, such as https://shop.example.com/settings");
  return {};
}

std::optional<std::string> decode_website(const json::Reader& field) {
  const auto text = field.text(website_length);
  if (!text) return std::nullopt;
  if (http::parse_web_address(*text) && text->find('@') == std::string_view::npos) return std::string(*text);
  field.fault("invalid_format", "must be an http or https URL without @, such as https://shop.example.com");
  return std::nullopt;
}

// ITU-T E.164: a country code and a number, at most fifteen digits.
bool is_phone_number(std::string_view text) {
  constexpr std::size_t digits_min = 7, digits_max = 15;
  if (!text.starts_with('+')) return false;
  text.remove_prefix(1);
  return text.size() >= digits_min && text.size() <= digits_max && text[0] != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string decode_phone_number(const json::Reader& field) {
  const auto text = field.text();
  if (!text) return {};
  if (!is_phone_number(*text)) field.fault("invalid_format", "must be a phone number such as +31612345678");
  return std::string(*text);
}

}  // namespace

Result<app::BeginConnection> decode_begin_connection(std::string_view body, app::Onboarding onboarding) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader root = json::Reader(faults, document.root()).as_object();
  app::BeginConnection command;
  command.callback_url = decode_callback(root.required("partner_callback_url"), onboarding);
  if (const auto account = root.required("user_bank_account_id").uuid()) command.bank_account = BankAccountId(*account);
  command.phone_number = decode_phone_number(root.required("user_phone_number"));
  if (const auto text = root.optional("business_description").text(description_length, json::Lines::many))
    command.business_description = std::string(*text);
  command.website_url = decode_website(root.optional("user_website_url"));
  TRY(faults.result());
  return command;
}

std::string connection_json(const app::Connection& connection, std::string_view location) {
  std::string text;
  json::Writer json(text);
  json.begin_object().text("connection_location", location);
  json.text("status", connection_status_names.name(connection.status));
  json.text("bank_account_id", connection.bank_account.text()).end_object();
  return text;
}

}  // namespace paylink::api
