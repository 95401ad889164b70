#include "simulator/simulator.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "http/server.hpp"
#include "simulator/testing.hpp"

namespace paylink::simulator {
namespace {

using testing::at;

// A merchant's server that is told of payments.
class Shop final : public http::Handler {
 public:
  void handle(http::Exchange& exchange) noexcept override {
    int status = 200;
    {
      const std::lock_guard lock(mutex_);
      const auto& request = exchange.request();
      heard_.push_back(std::string(http::method_name(request.method)) + " " + std::string(request.target) + " " +
                       std::string(request.field("Content-Type").value_or("")) + " " + std::string(request.body));
      status = status_;
      changed_.notify_all();
    }
    exchange.respond({status, "", "", {}});
  }
  http::Response refuse(int status, std::string_view, std::string_view, std::string_view) noexcept override {
    return {status, "", "", {}};
  }
  void answered(const http::Request&, int, std::int64_t) noexcept override {}

  void answer_with(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  // What was heard, once it is `count` things or five seconds have passed.
  std::vector<std::string> heard(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(5), [&] { return heard_.size() >= count; });
    return heard_;
  }
  bool hears_more_than(std::size_t count, std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return heard_.size() > count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
  int status_ = 200;
};

class SimulatorOverSockets : public ::testing::Test {
 protected:
  SimulatorOverSockets() {
    shop_server->start();
    restart();
  }
  ~SimulatorOverSockets() override {
    simulator->stop();
    shop_server->stop(std::chrono::milliseconds(100));
  }

  void restart() {
    if (simulator) simulator->stop();
    simulator.reset();
    const Options options{"127.0.0.1", 0, directory.file("simulator.db")};
    simulator = *Simulator::create(options, clock, random, *client);
    simulator->start();
  }

  http::ClientResponse send(const std::string& method, const std::string& url, const std::string& body,
                            const std::string& idempotency_key = "") {
    http::ClientRequest request;
    request.method = method;
    request.url = url;
    const bool form = body.starts_with("outcome=");
    request.fields = {{"Authorization", "Bearer test_aaaaaaaaaaaaaaaaaaaa"},
                      {"Content-Type", form ? "application/x-www-form-urlencoded" : "application/json"}};
    if (!idempotency_key.empty()) request.fields.emplace_back("Idempotency-Key", idempotency_key);
    request.body = body;
    auto answer = testing::wait_for(client->send(std::move(request)));
    EXPECT_TRUE(answer) << answer.error().detail;
    return answer ? *answer : http::ClientResponse{};
  }
  std::string payments() const { return simulator->base_url() + "/v2/payments"; }
  std::string body() const {
    return R"({"amount":{"currency":"EUR","value":"13.30"},"description":"Order 7","method":"creditcard",)"
           R"("redirectUrl":"http://127.0.0.1:1/a","webhookUrl":"http://127.0.0.1:)" +
           std::to_string(shop_server->port()) + R"(/n/1"})";
  }

  SystemRandom random;
  ManualClock clock;
  TemporaryDirectory directory{random};
  Shop shop;
  std::unique_ptr<http::Server> shop_server = *http::Server::create({}, shop, random);
  std::unique_ptr<http::Client> client = http::Client::create();
  std::unique_ptr<Simulator> simulator;
};

TEST_F(SimulatorOverSockets, KeepsEverythingAcrossARestart) {
  const auto created = send("POST", payments(), body(), "k1");
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.content_type, "application/hal+json");
  const std::string id = at(created.body, "id");

  const std::string page = at(created.body, "_links.checkout.href");
  const auto shown = send("GET", page, "");
  EXPECT_EQ(shown.status, 200);
  EXPECT_NE(shown.body.find("TEST"), std::string::npos);
  const auto decided = send("POST", page, "outcome=paid");
  EXPECT_EQ(decided.status, 303);
  EXPECT_EQ(simulator->base_url() + decided.location, page + "?decided");
  EXPECT_EQ(shop.heard(1), std::vector<std::string>{"POST /n/1 application/x-www-form-urlencoded id=" + id});

  const auto refund =
      send("POST", payments() + "/" + id + "/refunds", R"({"amount":{"currency":"EUR","value":"13.30"}})", "k2");
  EXPECT_EQ(refund.status, 201);
  const std::string before = send("GET", payments() + "/" + id, "").body;
  EXPECT_EQ(at(before, "status"), "paid");

  const std::string address = simulator->base_url();
  restart();
  EXPECT_EQ(simulator->base_url(), address) << "what it told of itself still holds";
  const std::string after = send("GET", payments() + "/" + id, "").body;
  for (const std::string_view field : {"id", "status", "createdAt", "paidAt", "amountRefunded.value", "profileId"})
    EXPECT_EQ(at(after, field), at(before, field)) << field;
  const std::string refunds = payments() + "/" + id + "/refunds/" + at(refund.body, "id");
  EXPECT_EQ(at(send("GET", refunds, "").body, "status"), "queued");
  EXPECT_EQ(send("POST", payments(), body(), "k1").body, created.body) << "the same key, the same bytes";
  clock.advance(std::chrono::seconds(3));
  EXPECT_EQ(shop.heard(2).size(), 2U) << "the refund is done";
  EXPECT_EQ(at(send("GET", refunds, "").body, "status"), "refunded");
}

TEST_F(SimulatorOverSockets, TellsOfExpiryByItself) {
  ASSERT_EQ(send("POST", payments(), body()).status, 201);
  clock.advance(std::chrono::minutes(30));
  EXPECT_EQ(shop.heard(1).size(), 1U);
}

TEST_F(SimulatorOverSockets, TriesAgainOnSchedule) {
  shop.answer_with(500);
  const auto created = send("POST", payments(), body());
  send("POST", at(created.body, "_links.checkout.href"), "outcome=failed");
  std::size_t heard = 1;
  ASSERT_EQ(shop.heard(heard).size(), heard);
  for (const int minutes : {1, 2, 4, 8, 16, 29, 60, 120}) {
    SCOPED_TRACE(minutes);
    clock.advance(std::chrono::minutes(minutes) - std::chrono::seconds(1));
    EXPECT_FALSE(shop.hears_more_than(heard, std::chrono::milliseconds(150)));
    if (minutes == 4) restart();
    clock.advance(std::chrono::seconds(1));
    ASSERT_EQ(shop.heard(++heard).size(), heard);
  }
  shop.answer_with(200);
  clock.advance(std::chrono::hours(22));
  ASSERT_EQ(shop.heard(++heard).size(), heard);
  clock.advance(std::chrono::hours(1000));
  EXPECT_FALSE(shop.hears_more_than(heard, std::chrono::milliseconds(250)));
}

TEST_F(SimulatorOverSockets, GivesUpAfterTenCalls) {
  shop.answer_with(302);
  const auto created = send("POST", payments(), body());
  send("POST", at(created.body, "_links.checkout.href"), "outcome=canceled");
  for (std::size_t heard = 1; heard <= 10; ++heard) {
    ASSERT_EQ(shop.heard(heard).size(), heard);
    clock.advance(std::chrono::hours(22));
  }
  EXPECT_FALSE(shop.hears_more_than(10, std::chrono::milliseconds(250)));
}

TEST_F(SimulatorOverSockets, RefusesATakenPort) {
  const auto port = static_cast<std::uint16_t>(std::stoi(simulator->base_url().substr(17)));
  const auto second = Simulator::create({"127.0.0.1", port, directory.file("other.db")}, clock, random, *client);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "address_in_use");
}

}  // namespace
}  // namespace paylink::simulator
