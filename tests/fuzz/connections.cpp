// The body of POST /v2/payment_links/connections, and the word that leads to a connection's page (api/connections_json,
// app/connections). What is accepted, sent again as it was understood, means the same. The fuzzer cannot guess
// signatures: each word is tried with the right one, so that what a word says is reached.
#include <string>

#include "api/connections_json.hpp"
#include "body_faults.hpp"
#include "crypto/encoding.hpp"
#include "http/web_address.hpp"
#include "input.hpp"
#include "json/writer.hpp"
#include "keys.hpp"

namespace paylink {
namespace {

using app::BeginConnection;
using app::Onboarding;

constexpr std::size_t id_size = 16, head_size = 2 * id_size + 8 + 4 + 1;
constexpr Time now = from_microseconds(1'710'925'200'000'000);  // 2024-03-20T09:00:00Z

using fuzz::keys;

std::string written(const BeginConnection& command) {
  std::string text;
  json::Writer json(text);
  json.begin_object().text("partner_callback_url", command.callback_url);
  json.text("user_bank_account_id", command.bank_account.text()).text("user_phone_number", command.phone_number);
  if (command.business_description) json.text("business_description", *command.business_description);
  if (command.website_url) json.text("user_website_url", *command.website_url);
  json.end_object();
  return text;
}

void check_command(const BeginConnection& command, Onboarding onboarding) {
  const auto callback = http::parse_web_address(command.callback_url);
  ENSURE(callback.has_value() && !callback->has_user && command.callback_url.size() <= 2048);
  ENSURE(callback->scheme == http::Scheme::https || (onboarding == Onboarding::sandbox && callback->is_loopback()));
  const std::string& phone = command.phone_number;
  ENSURE(phone.size() >= 8 && phone.size() <= 16 && phone[0] == '+' && phone[1] != '0');
  ENSURE(phone.find_first_not_of("0123456789", 1) == std::string::npos);
  if (command.business_description) fuzz::check_lines(*command.business_description, 80, 2000);
  if (command.website_url) {
    fuzz::check_text(*command.website_url, 1, 255);
    ENSURE(http::parse_web_address(*command.website_url) && command.website_url->find('@') == std::string::npos);
  }
  const auto again = api::decode_begin_connection(written(command), onboarding);
  ENSURE(again.has_value() && written(*again) == written(command));
}

void check_body(std::string_view body) {
  const auto real = api::decode_begin_connection(body, Onboarding::provider);
  const auto sandbox = api::decode_begin_connection(body, Onboarding::sandbox);
  ENSURE(sandbox.has_value() || !real.has_value());
  if (real) check_command(*real, Onboarding::provider);
  if (sandbox) check_command(*sandbox, Onboarding::sandbox);
  if (!real) fuzz::check_faults(real.error());
  if (!sandbox) fuzz::check_faults(sandbox.error());
}

std::string signed_word(const std::string& head) {
  return crypto::to_base64url(head + keys().sign_form("connection|" + head));
}

// What is believed is one of ours, made anew the same to the last character.
void check_believed(const app::ConnectionWord& word, const std::string& head) {
  std::uint64_t time = 0;
  for (const char c : head.substr(2 * id_size, 8)) time = (time << 8) | static_cast<unsigned char>(c);
  const Time made = from_microseconds(static_cast<std::int64_t>(time));
  ENSURE(made > now - std::chrono::minutes(30));
  ENSURE(word.revision >= 0);
  ENSURE(word.use == app::ConnectionUse::look || word.use == app::ConnectionUse::decide);
  app::Connection connection{};
  connection.organization = word.organization;
  connection.id = word.connection;
  connection.revision = word.revision;
  ENSURE(app::make_connection_word(connection, word.use, keys(), made) == signed_word(head));
}

void check_word(std::string_view text) {
  ENSURE(!app::read_connection_word(text, keys(), now));
  std::string head(text.substr(0, head_size));
  head.resize(head_size);
  const std::string word = signed_word(head);
  const auto read = app::read_connection_word(word, keys(), now);
  if (read) check_believed(*read, head);
  std::string bent = head;
  bent[text.size() % head_size] ^= 1;
  const std::string forged = crypto::to_base64url(bent + keys().sign_form("connection|" + head));
  ENSURE(!app::read_connection_word(forged, keys(), now));
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = paylink::fuzz::text_of(data, size);
  paylink::check_body(text);
  paylink::check_word(text);
  return 0;
}
