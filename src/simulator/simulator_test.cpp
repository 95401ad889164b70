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
  Result<http::ClientResponse> try_to_create(std::chrono::milliseconds timeout) {
    http::ClientRequest request;
    request.method = "POST";
    request.url = payments();
    request.fields = {{"Authorization", "Bearer test_aaaaaaaaaaaaaaaaaaaa"}, {"Content-Type", "application/json"}};
    request.body = body();
    request.timeout = timeout;
    return testing::wait_for(client->send(std::move(request)));
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
  // Whoever restarts tells again what he does not know to have been heard.
  EXPECT_GE(shop.heard(2).size(), 2U) << "the refund is done";
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

TEST_F(SimulatorOverSockets, IsToldWhatGoesWrong) {
  const std::string faults = simulator->base_url() + "/faults";
  const auto wrong = send("POST", faults, R"({"operation":"pay","fault":"reset"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(at(wrong.body, "field"), "operation");
  EXPECT_NE(at(wrong.body, "detail").find("must be one of any, create, get"), std::string::npos) << wrong.body;
  EXPECT_EQ(send("POST", faults, "outcome=paid").status, 415);
  EXPECT_EQ(send("PUT", faults, "{}").status, 405);
  const std::string one = R"({"operation":"methods","fault":"status","status":503,"when":"before","percent":100,)";
  const auto set = send("POST", faults, R"({"operation":"methods","fault":"status","status":503})");
  EXPECT_EQ(set.status, 201);
  EXPECT_EQ(set.body, R"({"faults":[)" + one + R"("seed":0,"hits":0}]})");
  EXPECT_EQ(send("GET", simulator->base_url() + "/v2/methods", "").status, 503);
  EXPECT_EQ(send("GET", faults, "").body, R"({"faults":[)" + one + R"("seed":0,"hits":1}]})");
  EXPECT_EQ(send("DELETE", faults, "").status, 204);
  EXPECT_EQ(send("GET", simulator->base_url() + "/v2/methods", "").status, 200);
  ASSERT_EQ(send("POST", faults, R"({"operation":"methods","fault":"status","status":503})").status, 201);
  restart();
  EXPECT_EQ(send("GET", faults, "").body, R"({"faults":[]})") << "a restart clears them";
}

// What a client meets, and whether the payment was made.
TEST_F(SimulatorOverSockets, LetsCallsGoWrong) {
  struct Case {
    std::string fault;
    std::string met;  // the failure's reason, or the status
    int made;
    std::string says = {};
  };
  const Case cases[] = {
      {R"("timeout_before")", "timed_out", 0},
      {R"("timeout_after")", "timed_out", 1},
      {R"("drip","ms":20)", "timed_out", 1},
      {R"("reset")", "broken_answer", 1},
      {R"("huge_body")", "broken_answer", 1},
      {R"("status","status":429,"retry_after":7)", "429", 0, "The fault dial"},
      {R"("status","status":502,"when":"after")", "502", 1, "The fault dial"},
      {R"("delay","ms":20)", "201", 1, R"("resource":"payment")"},
      {R"("delay","ms":20,"when":"after")", "201", 1, R"("resource":"payment")"},
      {R"("malformed")", "201", 1, "<html>"},
      {R"("truncated")", "201", 1, R"({"resource":"payment")"},
      {R"("redirect")", "307", 0},
      {R"("wrong_amount")", "201", 1, R"("value":"13.31")"},
      {R"("wrong_currency")", "201", 1, R"("currency":"USD")"},
      {R"("wrong_mode")", "201", 1, R"("mode":"live")"},
  };
  int made = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.fault);
    const std::string faults = simulator->base_url() + "/faults";
    ASSERT_EQ(send("POST", faults, R"({"operation":"create","fault":)" + c.fault + "}").status, 201);
    const auto began = std::chrono::steady_clock::now();
    const auto answer = try_to_create(std::chrono::milliseconds(100));
    EXPECT_EQ(answer ? std::to_string(answer->status) : answer.error().reason, c.met);
    if (answer) {
      EXPECT_NE(answer->body.find(c.says), std::string::npos) << answer->body;
      EXPECT_EQ(answer->retry_after, c.met == "429" ? "7" : "");
      if (c.fault.find("delay") != std::string::npos) {
        EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(20));
      }
    }
    EXPECT_EQ(send("DELETE", faults, "").status, 204);
    made += c.made;
    EXPECT_EQ(at(send("GET", payments() + "?limit=250", "").body, "count"), std::to_string(made));
  }
}

TEST_F(SimulatorOverSockets, LetsNotificationsGoWrong) {
  struct Case {
    std::string fault;
    std::size_t at_once;
    std::size_t later;  // in all, a minute on
  };
  std::size_t heard = 0;
  for (const Case& c : {Case{R"("drop")", 0, 0}, Case{R"("duplicate")", 2, 2}, Case{R"("delay","ms":30000)", 0, 1},
                        Case{R"("reorder","ms":30000)", 0, 1}}) {
    SCOPED_TRACE(c.fault);
    const std::string faults = simulator->base_url() + "/faults";
    ASSERT_EQ(send("POST", faults, R"({"operation":"notification","fault":)" + c.fault + "}").status, 201);
    const auto created = send("POST", payments(), body());
    ASSERT_EQ(send("POST", at(created.body, "_links.checkout.href"), "outcome=paid").status, 303);
    EXPECT_EQ(shop.heard(heard + c.at_once).size(), heard + c.at_once);
    EXPECT_FALSE(shop.hears_more_than(heard + c.at_once, std::chrono::milliseconds(50)));
    clock.advance(std::chrono::minutes(1));
    heard += c.later;
    EXPECT_EQ(shop.heard(heard).size(), heard);
    EXPECT_FALSE(shop.hears_more_than(heard, std::chrono::milliseconds(120)));
    EXPECT_EQ(send("DELETE", faults, "").status, 204);
  }
}

TEST_F(SimulatorOverSockets, RefusesATakenPort) {
  const auto port = static_cast<std::uint16_t>(std::stoi(simulator->base_url().substr(17)));
  const auto second = Simulator::create({"127.0.0.1", port, directory.file("other.db")}, clock, random, *client);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "address_in_use");
}

}  // namespace
}  // namespace paylink::simulator
