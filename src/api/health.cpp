#include "api/health.hpp"

#include "api/errors_json.hpp"
#include "app/check_storage.hpp"

namespace paylink::api {
namespace {

using runtime::Input;

struct Nothing {};

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

std::vector<runtime::Route> health_routes(const std::atomic<bool>& is_stopping) {
  const auto decode = [&is_stopping](const Input&) -> Result<Nothing> {
    if (is_stopping) return fail(ErrorCode::unavailable, "stopping", "This server is about to stop. Ask another one.");
    return Nothing{};
  };
  runtime::Routes routes(encode_error);
  routes.plain(http::Method::get, "/livez", live);
  routes.read(http::Method::get, "/readyz", runtime::Access::open(), decode, check_storage, ready);
  return routes.take();
}

}  // namespace paylink::api
