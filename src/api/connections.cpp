#include "api/connections.hpp"

#include "api/connections_json.hpp"
#include "api/errors_json.hpp"
#include "api/media_type.hpp"

namespace paylink::api {

using runtime::Access;
using runtime::Input;

namespace {

struct ShownConnection {
  app::Connection connection;
  app::ConnectionUse use;
};

}  // namespace

std::vector<runtime::Route> connection_routes(const ConnectionTools& tools) {
  runtime::Routes routes(encode_error, tools.compat.idempotency);
  // The address of its page holds a fresh word each time: an old answer opens nothing after half an hour.
  const auto show = [tools](int status, const ShownConnection& shown) {
    const auto& [connection, use] = shown;
    const std::string word = app::make_connection_word(connection, use, tools.keys, tools.clock.now());
    return http::Response{
        status, "application/json", connection_json(connection, tools.public_url + "/connect/" + word), {}};
  };
  routes.write(
      http::Method::post, "/v2/payment_links/connections", Access::scope(app::Scope::payment_link_write),
      [onboarding = tools.onboarding](const Input& input) -> Result<app::BeginConnection> {
        TRY(require_json(input.request));
        return decode_begin_connection(input.request.body, onboarding);
      },
      [](const app::BeginConnection& command, const app::Caller& caller,
         sql::Transaction& tx) -> Result<ShownConnection> {
        return ShownConnection{TRY(app::begin_connection(command, caller, tx)), app::connection_use_of(caller)};
      },
      [show](const ShownConnection& shown, const http::Request&) { return show(201, shown); });
  routes.read(
      http::Method::get, "/v2/payment_links/connections", Access::scope(app::Scope::payment_link_read),
      [](const Input&) -> Result<app::FindConnection> { return app::FindConnection{}; },
      [](const app::FindConnection& command, const app::Caller& caller,
         sql::Transaction& tx) -> Result<ShownConnection> {
        return ShownConnection{TRY(app::find_connection(command, caller, tx)), app::connection_use_of(caller)};
      },
      [show](const ShownConnection& shown, const http::Request&) { return show(200, shown); });
  return routes.take();
}

}  // namespace paylink::api
