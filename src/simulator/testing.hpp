#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "base/testing.hpp"
#include "json/document.hpp"
#include "simulator/handler.hpp"

// What the simulator's tests share.
namespace paylink::simulator::testing {

// Runs a task to its end on whichever thread that is, and waits for it here.
template <class T>
T wait_for(Task<T> task) {
  const auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  start(
      std::move(task), [promise](T value) noexcept { promise->set_value(std::move(value)); },
      [promise](const std::exception_ptr& exception) noexcept { promise->set_exception(exception); });
  return future.get();
}

// The text, number or boolean at "a.b.0.c" of a JSON text; "null" for null, "absent" when there is nothing.
inline std::string at(std::string_view json, std::string_view path) {
  const auto document = json::Document::parse(json);
  if (!document) return "no JSON: " + std::string(json);
  auto value = document->root();
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    std::optional<json::Value> next;
    if (value.type() == json::Type::object) next = value.find(step);
    if (value.type() == json::Type::array) {
      std::string position = "0";
      for (const auto element : value.children()) {
        if (position == step) next = element;
        position = std::to_string(std::stoul(position) + 1);
      }
    }
    if (!next) return "absent";
    value = *next;
  }
  switch (value.type()) {
    case json::Type::null:
      return "null";
    case json::Type::boolean:
      return value.boolean() ? "true" : "false";
    case json::Type::number:
      return value.decimal();
    case json::Type::text:
      return std::string(value.text());
    default:
      return std::string(type_name(value.type()));
  }
}

using http::Method;

inline constexpr std::string_view key_a = "Bearer test_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr std::string_view key_b = "Bearer test_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";

class Exchange final : public http::Exchange {
 public:
  explicit Exchange(http::Request request) : request_(std::move(request)) {}
  const http::Request& request() const override { return request_; }
  void respond(http::Response response) noexcept override { response_ = std::move(response); }
  void respond_on_loop(std::function<http::Response()> make) noexcept override { response_ = make(); }
  void continue_on_loop(std::function<void()> step) noexcept override { step(); }
  http::Response take() { return std::move(response_); }

 private:
  http::Request request_;
  http::Response response_;
};

// The whole simulator but for its sockets, under a clock that the test moves.
class HandlerFixture : public ::testing::Test {
 protected:
  HandlerFixture() { restart(); }
  void TearDown() override { expect_no_scans(); }

  // What the simulator remembers grows, and what it does must not take longer for it.
  void expect_no_scans() const {
    if (!database) return;
    EXPECT_EQ(database->scanning_statements(), std::vector<std::string>());
  }

  void restart() {
    expect_no_scans();
    handler.reset();
    database.reset();
    database = *Database::open(directory.file("simulator.db"), clock, random);
    handler = std::make_unique<Handler>(*database, site, [] {}, faults, wire);
    handler->serve_at("http://127.0.0.1:4000");
  }

  struct Extra {
    std::string_view idempotency_key{};
    std::string_view authorization = key_a;
    std::string_view content_type = "application/json";
  };

  http::Response send(Method method, std::string_view target, std::string_view body, const Extra& extra) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.body = body;
    request.fields.push_back({"Content-Type", extra.content_type});
    if (!extra.authorization.empty()) request.fields.push_back({"Authorization", extra.authorization});
    if (!extra.idempotency_key.empty()) request.fields.push_back({"Idempotency-Key", extra.idempotency_key});
    Exchange exchange(std::move(request));
    handler->handle(exchange);
    return exchange.take();
  }
  http::Response get(std::string_view target) { return send(Method::get, target, "", {}); }
  http::Response post(std::string_view target, std::string_view body) { return send(Method::post, target, body, {}); }
  http::Response cancel(const std::string& id) { return send(Method::del, "/v2/payments/" + id, "{}", {}); }

  // A new payment's body as answered.
  std::string create(std::string_view method = R"("creditcard")") {
    const auto response = post("/v2/payments", body(method));
    EXPECT_EQ(response.status, 201) << response.body;
    return response.body;
  }
  static std::string body(std::string_view method, std::string_view value = "13.30") {
    return R"({"amount":{"currency":"EUR","value":")" + std::string(value) +
           R"("},"description":"Order 7",)"
           R"("redirectUrl":"http://127.0.0.1:1/a","cancelUrl":"http://127.0.0.1:1/c",)"
           R"("webhookUrl":"http://127.0.0.1:1/n","metadata":{"attempt":"x","n":[1,null]},"method":)" +
           std::string(method) + "}";
  }
  // The path of the payer's page.
  static std::string page_of(const std::string& payment) {
    return at(payment, "_links.dashboard.href").substr(std::string("http://127.0.0.1:4000").size());
  }
  http::Response send_form(const std::string& path, std::string_view body) {
    return send(Method::post, path, body, {.authorization = "", .content_type = form_type});
  }
  // The tester decides.
  http::Response decide(const std::string& payment, std::string_view outcome) {
    return send_form(page_of(payment), "outcome=" + std::string(outcome));
  }
  std::string payment(const std::string& id) { return get("/v2/payments/" + id).body; }
  std::string refund_body(std::string_view value) {
    return R"({"amount":{"currency":"EUR","value":")" + std::string(value) + R"("},"description":"back"})";
  }
  std::size_t notifications() {
    std::size_t count = 0;  // by the key: the fixture lets nothing scan
    EXPECT_TRUE(database->write([&](sql::Transaction& tx) -> Result<> {
      const auto rows = TRY(tx.query("SELECT number FROM notifications WHERE number > 0", {}));
      count = rows.size();
      return {};
    }));
    return count;
  }

  SystemRandom random;
  ManualClock clock;
  TemporaryDirectory directory{random};
  std::unique_ptr<Database> database;
  FaultDial faults;
  Wire wire;
  const pages::Site site = *pages::Site::create(pages::Transport::plain);
  std::unique_ptr<Handler> handler;
};

}  // namespace paylink::simulator::testing
