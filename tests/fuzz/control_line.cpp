// A line that `paylink keys` and its like say to the server (main/control), on a database in memory that stays as it
// is. The answer is one line of JSON: what was done, or an error that is no bug.
#include <string>

#include "app/users.hpp"
#include "domain/email.hpp"
#include "domain/redirect_uri.hpp"
#include "input.hpp"
#include "json/document.hpp"
#include "keys.hpp"
#include "main/control.hpp"
#include "store/oauth_clients.hpp"
#include "store/testing.hpp"

namespace paylink {
namespace {

using fuzz::keys;

// An organization with an owner, and an application.
std::string furnish(store::testing::Database& database) {
  const Organization shop = store::testing::add_organization(database, "shop");
  ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(app::add_member({"shop", "owner@shop.example", Role::owner, "hash"}, tx));
    const store::OauthClientId id(*Uuid::parse("0198c0de-0000-7000-8000-000000000000"));
    return store::OauthClients(tx).insert(
        {id, "Plugin", store::ClientType::confidential, {}, {"https://shop.example/cb"}, "us"});
  }));
  return shop.slug;
}

store::testing::Database& database() {
  static store::testing::Database database;
  static const std::string slug = furnish(database);
  ENSURE(slug == "shop");
  return database;
}

// Runs a step and takes back what it did.
Result<> try_out(const main::ControlStep& step) {
  Result<> outcome;
  const auto undone = database().write([&](sql::Transaction& tx) -> Result<> {
    outcome = step(tx);
    return fail(ErrorCode::conflict, "undone", "");
  });
  ENSURE(!undone && undone.error().reason == "undone");
  return outcome;
}

std::string text_of(json::Value object, std::string_view name) {
  const auto member = object.find(name);
  ENSURE(member && member->type() == json::Type::text);
  return std::string(member->text());
}

void check_done(json::Value done, std::string_view command) {
  if (command == "keys list") ENSURE(done.type() == json::Type::array && done.size() == 0);
  if (command == "clients list") ENSURE(done.type() == json::Type::array && done.size() == 1);
  if (command == "users list") ENSURE(done.type() == json::Type::array && done.size() == 1);
  if (command == "clients create")
    ENSURE(done.find("client_secret").has_value() == (text_of(done, "type") == "confidential"));
  if (command == "clients create" || command == "clients update") {
    for (const json::Value uri : done.find("redirect_uris")->children())
      ENSURE(redirect_uri_kind(uri.text()).has_value());
  }
  if (command == "clients rotate") ENSURE(text_of(done, "client_secret").starts_with("pls_"));
  if (command == "users create") ENSURE(is_email(text_of(done, "email")));
  // There is but one.
  ENSURE(command != "users remove");
  if (command == "users set-role") ENSURE(text_of(done, "role") == "owner");
  if (command != "keys create") return;
  ENSURE(text_of(done, "login") == "shop" && text_of(done, "secret_key").starts_with("plk_"));
  const auto scopes = done.find("scopes");
  ENSURE(scopes && scopes->type() == json::Type::array && scopes->size() >= 1);
}

void check_line(std::string_view line, const crypto::KeyRing* ring) {
  const std::string command = main::control_command(line);
  const std::string answer = main::run_control_line(line, "uid 0", ring, try_out);
  ENSURE(fuzz::is_utf8(answer) && answer.find('\n') == std::string::npos);
  const auto document = json::Document::parse(answer);
  ENSURE(document.has_value() && document->root().size() == 1);
  const auto done = document->root().find("done"), error = document->root().find("error");
  ENSURE(done.has_value() == main::is_done(answer) && done.has_value() != error.has_value());
  if (done) {
    ENSURE(ring != nullptr || (command != "keys create" && command != "clients create" && command != "clients rotate"));
    return check_done(*done, command);
  }
  ENSURE(text_of(*error, "reason") != "bug" && !text_of(*error, "reason").empty());
  ENSURE(!text_of(*error, "message").empty());
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = paylink::fuzz::text_of(data, size);
  paylink::check_line(line, &paylink::keys());
  paylink::check_line(line, nullptr);
  return 0;
}
