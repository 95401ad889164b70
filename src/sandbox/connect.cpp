#include "sandbox/connect.hpp"

#include "app/audit.hpp"
#include "app/connections.hpp"
#include "crypto/encoding.hpp"
#include "json/writer.hpp"
#include "sandbox/bodies.hpp"
#include "sandbox/connect_page.hpp"

namespace paylink::sandbox {
namespace {

using runtime::Access;
using runtime::Input;

struct Decide : app::ConnectionWord {
  Decision decision;
};

struct DecideLatest {
  OrganizationId organization;
  Decision decision;
};

Failure unknown_page() { return fail(ErrorCode::not_found, "not_found", "There is nothing at this address."); }

// Every connection is a merchant of its own at the simulator.
Secret new_provider_key(Random& random) {
  const auto bytes = random.bytes<20>();
  return Secret("test_" + crypto::to_base32({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

// Whoever is at the sandbox's page need not be signed in.
Result<app::Connection> decided(app::AuditAction action, app::Connection connection, sql::Transaction& tx) {
  TRY(app::audit({action, "somebody at the sandbox", connection.organization, connection.id.text()}, tx));
  return connection;
}

Result<app::Connection> decide(const Decide& command, const crypto::KeyRing& keys, sql::Transaction& tx) {
  const auto view = TRY(app::view_connection(command, tx));
  if (!view.can_decide) return unknown_page();
  if (command.decision == Decision::disable)
    return decided(app::AuditAction::connection_disabled,
                   TRY(app::disable_connection(command.organization, command.connection, tx)), tx);
  const app::ProviderKey key{new_provider_key(tx.random()), "test"};
  return decided(app::AuditAction::connection_enabled,
                 TRY(app::enable_connection(command.organization, command.connection, key, keys, tx)), tx);
}

Result<Decision> read_wanted(const Input& input) {
  TRY(require_json(input.request));
  return decode_wanted(input.request.body);
}

http::Response show_status(const app::Connection& connection, const http::Request&) {
  std::string text;
  json::Writer json(text);
  json.begin_object().text("status", connection_status_names.name(connection.status));
  json.text("bank_account_id", connection.bank_account.text()).end_object();
  return {200, "application/json", std::move(text), {}};
}

const pages::Language& language_of(const pages::Site& site, const http::Request& request) {
  return site.language(request.field("Accept-Language").value_or(""));
}

std::vector<runtime::Route> page_routes(const Tools& tools) {
  const auto find_word = [tools](const Input& input) -> Result<app::ConnectionWord> {
    const auto word = app::read_connection_word(input.path.values[0], tools.keys, tools.clock.now());
    if (!word) return unknown_page();
    return *word;
  };
  const auto decode_form = [find_word](const Input& input) -> Result<Decide> {
    const auto word = TRY(find_word(input));
    const Decision decision = TRY(decode_decision(input.request.body));
    return Decide{word, decision};
  };
  runtime::Routes page([tools](const Error& error, const http::Request& request) {
    return connect_error_page(language_of(tools.site, request), error);
  });
  page.read(http::Method::get, "/connect/{word}", Access::open(), find_word, app::view_connection,
            [tools](const app::ConnectionView& view, const http::Request& request) {
              const Leave leave = request.query == "decided" ? Leave::at_once : Leave::by_link;
              return connect_page(language_of(tools.site, request), view, std::string(request.path), leave);
            });
  page.write(
      http::Method::post, "/connect/{word}", Access::open(), decode_form,
      [tools](const Decide& command, sql::Transaction& tx) { return decide(command, tools.keys, tx); },
      [](const app::Connection&, const http::Request& request) {
        return http::see_other(std::string(request.path) + "?decided");
      });
  return page.take();
}

}  // namespace

std::vector<runtime::Route> connect_routes(const Tools& tools, DecisionPage page, runtime::ErrorEncoder encode_error) {
  std::vector<runtime::Route> routes;
  if (page == DecisionPage::there) routes = page_routes(tools);
  runtime::Routes json(std::move(encode_error));
  json.write(
      http::Method::post, "/sandbox/connections", Access::open(),
      [tools](const Input& input) -> Result<DecideLatest> {
        const auto decision = TRY(read_wanted(input));
        return DecideLatest{tools.organization, decision};
      },
      [tools](const DecideLatest& command, sql::Transaction& tx) -> Result<app::Connection> {
        const app::Caller owner{command.organization, {}, {}};
        const auto latest = TRY(app::find_connection({}, owner, tx));
        return decide({{latest.organization, latest.id, latest.revision, app::ConnectionUse::decide}, command.decision},
                      tools.keys, tx);
      },
      show_status);
  for (auto& route : json.take()) routes.push_back(std::move(route));
  return routes;
}

}  // namespace paylink::sandbox
