#include "runtime/dispatcher.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "app/testing.hpp"

namespace paylink::runtime {
namespace {

using app::testing::TestLane;
using store::testing::Database;

// An exchange without a network: the request as the server would have read it.
class TestExchange final : public http::Exchange {
 public:
  const http::Request& request() const override { return request_; }
  void respond(http::Response response) noexcept override {
    EXPECT_FALSE(answer.has_value()) << "answered twice";
    answer = std::move(response);
  }
  void respond_on_loop(std::function<http::Response()> make) noexcept override { respond(make()); }

  http::Request request_;
  std::optional<http::Response> answer;
};

struct Nothing {};

http::Response encode_error(const Error& error, const http::Request&) {
  const int status = error.code == ErrorCode::internal          ? 500
                     : error.code == ErrorCode::unauthenticated ? 401
                     : error.code == ErrorCode::forbidden       ? 403
                     : error.code == ErrorCode::not_found       ? 404
                                                                : 400;
  return {status, "text/plain", error.reason, {}};
}

http::Response ok(const Nothing&, const http::Request&) { return {200, "text/plain", "ok", {}}; }
Result<Nothing> decode(const Input&) { return Nothing{}; }
Result<Nothing> execute(const Nothing&, sql::Transaction&) { return Nothing{}; }
Result<Nothing> execute_known(const Nothing&, const app::Caller& caller, sql::Transaction&) {
  EXPECT_FALSE(caller.nobody());
  return Nothing{};
}
template <class T>
T throws() {
  throw std::runtime_error("a bug");
}
Task<Result<Nothing>> flow(Nothing) { co_return Nothing{}; }
Task<Result<Nothing>> flow_throws(Nothing) { co_return throws<Nothing>(); }

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    Routes routes(encode_error);
    using http::Method;
    routes.read(Method::get, "/open", Access::open(), decode, execute, ok);
    routes.write(Method::post, "/open", Access::open(), decode, execute, ok);
    routes.read(Method::get, "/links", Access::scope(app::Scope::payment_link_read), decode, execute_known, ok);
    routes.read(
        Method::get, "/decode", Access::open(), [](const Input&) { return throws<Result<Nothing>>(); }, execute, ok);
    routes.read(
        Method::get, "/execute", Access::open(), decode,
        [](const Nothing&, sql::Transaction&) { return throws<Result<Nothing>>(); }, ok);
    const auto broken_encode = [](const Nothing&, const http::Request&) { return throws<http::Response>(); };
    routes.write(Method::get, "/encode", Access::open(), decode, execute, broken_encode);
    routes.read(
        Method::get, "/known/decode", Access::scope(app::Scope::payment_link_read),
        [](const Input&) { return throws<Result<Nothing>>(); }, execute_known, ok);
    routes.flow(Method::get, "/flow", decode, flow, ok);
    routes.flow(Method::get, "/flow/run", decode, flow_throws, ok);
    routes.flow(Method::get, "/flow/encode", decode, flow, broken_encode);
    routes.plain(Method::get, "/plain", [](const Input&) { return throws<Result<http::Response>>(); });
    DispatcherOptions options;
    options.encode_error = encode_error;
    dispatcher.emplace(std::move(options), routes.take(), lane, shop.keys, database.clock);
  }

  http::Response ask(http::Method method, std::string_view path, std::optional<std::string_view> authorization = {}) {
    TestExchange exchange;
    exchange.request_.method = method;
    exchange.request_.path = exchange.request_.target = path;
    if (authorization) exchange.request_.fields.push_back({"Authorization", *authorization});
    dispatcher->handle(exchange);
    dispatcher->settled();
    EXPECT_TRUE(exchange.answer.has_value()) << "not answered";
    return exchange.answer.value_or(http::Response{});
  }

  Database database;
  TestLane lane{database};
  app::testing::TestInstallation shop{database};
  const std::string key = shop.api_key();
  std::optional<Dispatcher> dispatcher;
};

TEST_F(DispatcherTest, FindsTheRoute) {
  EXPECT_EQ(ask(http::Method::get, "/open").status, 200);
  EXPECT_EQ(ask(http::Method::post, "/open").status, 200);
  EXPECT_EQ(ask(http::Method::get, "/flow").status, 200);
  EXPECT_EQ(ask(http::Method::get, "/absent").status, 404);
  const auto refused = ask(http::Method::del, "/open");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields, "Allow: GET, HEAD, POST\r\n");
}

TEST_F(DispatcherTest, LetsInOnlyWhoMayCall) {
  EXPECT_EQ(ask(http::Method::get, "/links").body, "authorization_header_missing");
  EXPECT_EQ(ask(http::Method::get, "/links", "shop:wrong").status, 401);
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 200);
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 200);  // remembered
  ASSERT_TRUE(database.connection().execute_script("UPDATE api_keys SET scopes = 'payment_link.write'"));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // no longer remembered
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 403);
  ASSERT_TRUE(database.connection().execute_script("UPDATE api_keys SET revoked_at = 1"));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(ask(http::Method::get, "/links", key).status, 401);
}

// A bug anywhere on the way is answered, as our fault and without a word of what it was.
TEST_F(DispatcherTest, AnswersEveryBug) {
  for (const std::string_view path : {"/decode", "/execute", "/encode", "/flow/run", "/flow/encode", "/plain"}) {
    SCOPED_TRACE(path);
    const auto answer = ask(http::Method::get, path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, "bug");
  }
  EXPECT_EQ(ask(http::Method::get, "/known/decode", key).status, 500);  // after it was looked up who calls
  EXPECT_EQ(ask(http::Method::get, "/known/decode", key).status, 500);  // remembered
}

}  // namespace
}  // namespace paylink::runtime
