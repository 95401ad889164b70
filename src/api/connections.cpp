#include "api/connections.hpp"

#include "api/connections_json.hpp"
#include "api/errors_json.hpp"
#include "api/media_type.hpp"

namespace paylink::api {

using runtime::Access;
using runtime::Input;

std::vector<runtime::Route> connection_routes(const ConnectionTools& tools) {
  runtime::Routes routes(encode_error, tools.compat.idempotency);
  // The address of its page holds a fresh word each time: an old answer opens nothing after half an hour.
  const auto show = [tools](int status, const app::Connection& connection) {
    const std::string word = app::make_connection_word(connection, tools.keys, tools.clock.now());
    return http::Response{
        status, "application/json", connection_json(connection, tools.public_url + "/connect/" + word), {}};
  };
  routes.write(
      http::Method::post, "/v2/payment_links/connections", Access::scope(app::Scope::payment_link_write),
      [onboarding = tools.onboarding](const Input& input) -> Result<app::BeginConnection> {
        TRY(require_json(input.request));
        return decode_begin_connection(input.request.body, onboarding);
      },
      [onboarding = tools.onboarding](const app::BeginConnection& command, const app::Caller& caller,
                                      sql::Transaction& tx) {
        return app::begin_connection(command, onboarding, caller, tx);
      },
      [show](const app::Connection& connection, const http::Request&) { return show(201, connection); });
  routes.read(
      http::Method::get, "/v2/payment_links/connections", Access::scope(app::Scope::payment_link_read),
      [](const Input&) -> Result<app::FindConnection> { return app::FindConnection{}; }, app::find_connection,
      [show](const app::Connection& connection, const http::Request&) { return show(200, connection); });
  return routes.take();
}

}  // namespace paylink::api
