#include "api/health.hpp"

#include "api/errors_json.hpp"
#include "app/check_storage.hpp"

namespace paylink::api {
namespace {

using runtime::Input;

struct Nothing {};

Result<Nothing> decode_nothing(const Input&) { return Nothing{}; }

Result<Nothing> check_storage(const Nothing&, sql::Transaction& tx) {
  TRY(app::check_storage(tx));
  return Nothing{};
}

http::Response ready(const Nothing&, const http::Request&) {
  return {200, "application/json", R"({"status":"ready"})", {}};
}

Result<http::Response> live(const Input&) {
  return http::Response{200, "application/json", R"({"status":"live"})", {}};
}

}  // namespace

std::vector<runtime::Route> health_routes() {
  runtime::Routes routes(encode_error);
  routes.plain(http::Method::get, "/livez", live);
  routes.read(http::Method::get, "/readyz", runtime::Access::open(), decode_nothing, check_storage, ready);
  return routes.take();
}

}  // namespace paylink::api
