#include "providers/mollie/client.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "base/log.hpp"
#include "base/testing.hpp"

namespace paylink::providers::mollie {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Answers as it is told, and lets time pass for as long as a call takes or is waited for.
class FakeHttp final : public http::Client {
 public:
  struct Answer {
    int status = 0;  // 0: none comes
    std::string reason = "timed_out";
    std::string retry_after{};
    milliseconds takes{0};
  };

  explicit FakeHttp(ManualClock& clock) : clock_(clock) {}

  Task<Result<http::ClientResponse>> send(http::ClientRequest request) override {
    Answer answer{200};
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    const milliseconds takes = answer.status == 0 && answer.reason == "timed_out" ? request.timeout : answer.takes;
    clock_.advance(takes);
    requests.push_back(std::move(request));
    if (answer.status == 0) co_return fail(ErrorCode::unavailable, answer.reason, "");
    co_return http::ClientResponse{answer.status, "application/hal+json", "", answer.retry_after, "{}"};
  }
  Task<void> wait(milliseconds time) override {
    waits.push_back(time);
    clock_.advance(time + jump);
    co_return;
  }
  void stop() override {}

  std::deque<Answer> answers;
  std::vector<http::ClientRequest> requests;
  std::vector<milliseconds> waits;
  milliseconds jump{0};  // of the clock, while one waits

 private:
  ManualClock& clock_;
};

// The largest number there is, so that each wait is as long as it can be, or the smallest.
class Extreme final : public Random {
 public:
  explicit Extreme(std::byte byte) : byte_(byte) {}
  void fill(std::span<std::byte> bytes) override { std::ranges::fill(bytes, byte_); }

 private:
  std::byte byte_;
};

class MollieClient : public ::testing::Test {
 protected:
  std::string ask(const Call& call) {
    std::string outcome = "not over";
    start(
        is_about_tokens(call.operation) ? client.send_as(application, call) : client.send(access, call),
        [&](const Result<std::string>& answer) { outcome = answer ? *answer : answer.error().reason; },
        [](const std::exception_ptr& thrown) { std::rethrow_exception(thrown); });
    return outcome;
  }
  static Call get() { return {Operation::find, "GET", "/v2/payments/tr_1", "", ""}; }
  static Call post() { return {Operation::create, "POST", "/v2/payments", "{}", "key-1"}; }
  static Call cancel() { return {Operation::cancel, "DELETE", "/v2/payments/tr_1", "", ""}; }
  static Call tokens(Operation operation) {
    return {operation, operation == Operation::revoke ? "DELETE" : "POST", "/oauth2/tokens", "grant_type=any", ""};
  }

  ManualClock clock;
  FakeHttp http{clock};
  Extreme random{std::byte{0}};
  app::ProviderAccess access{Secret("test_aaaaaaaaaaaa")};
  const Secret application{"app_aaaaaaaaaa:s?>"};
  Client client{http, "https://api.example.com", clock, random, {}};
};

TEST_F(MollieClient, TriesAgainWhatCanBeRepeated) {
  struct Case {
    const char* name;
    Call call;
    FakeHttp::Answer first;
    std::string outcome;
    std::size_t tries;
  };
  const Case cases[] = {
      {"an answer", get(), {200}, "{}", 1},
      {"unreachable", get(), {0, "connect_failed"}, "{}", 2},
      {"no answer", get(), {0, "timed_out"}, "{}", 2},
      {"half an answer", post(), {0, "broken_answer"}, "{}", 2},
      {"too much to send", get(), {0, "overloaded"}, "overloaded", 1},
      {"in trouble", post(), {502}, "{}", 2},
      {"too many requests", post(), {429}, "{}", 2},
      {"the first still runs", post(), {409}, "{}", 2},
      {"refused", post(), {422}, "provider_refused", 1},
      {"key refused", get(), {401}, "provider_refuses_key", 1},
      {"sent elsewhere", get(), {307}, "provider_answer", 1},
      {"not to be repeated", cancel(), {0, "timed_out"}, "timed_out", 1},
      {"not to be repeated, in trouble", cancel(), {503}, "provider_unavailable", 1},
      {"a renewal", tokens(Operation::renew), {0, "timed_out"}, "{}", 2},
      {"a renewal, in trouble", tokens(Operation::renew), {502}, "{}", 2},
      {"a renewal, refused", tokens(Operation::renew), {400}, "application_refused", 1},
      {"a code is good once", tokens(Operation::exchange), {0, "timed_out"}, "timed_out", 1},
      {"a code is good once, in trouble", tokens(Operation::exchange), {503}, "provider_unavailable", 1},
      {"comes again by itself", tokens(Operation::revoke), {503}, "provider_unavailable", 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    http.requests.clear();
    http.answers = {c.first};
    EXPECT_EQ(ask(c.call), c.outcome);
    ASSERT_EQ(http.requests.size(), c.tries);
    EXPECT_EQ(http.requests.front().fields, http.requests.back().fields) << "with the same key";
    EXPECT_EQ(http.requests.front().body, http.requests.back().body);
  }
}

TEST_F(MollieClient, SaysWhoAsksAndWhatItSends) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  (void)ask(post());
  EXPECT_EQ(http.requests.back().fields, (Fields{{"Authorization", "Bearer test_aaaaaaaaaaaa"},
                                                 {"Accept", "application/hal+json"},
                                                 {"User-Agent", "Paylink/0.1"},
                                                 {"Content-Type", "application/json"},
                                                 {"Idempotency-Key", "key-1"}}));
  (void)ask(tokens(Operation::revoke));
  EXPECT_EQ(http.requests.back().fields, (Fields{{"Authorization", "Basic YXBwX2FhYWFhYWFhYWE6cz8+"},
                                                 {"Accept", "application/json"},
                                                 {"User-Agent", "Paylink/0.1"},
                                                 {"Content-Type", "application/x-www-form-urlencoded"}}));
  EXPECT_EQ(http.requests.back().url, "https://api.example.com/oauth2/tokens");
}

// An expired token is refused as a matter of course; a key is not.
TEST_F(MollieClient, AlarmsNobodyForATokenThatIsRenewed) {
  const auto logged = [&] {
    http.answers = {{401}};
    ::testing::internal::CaptureStderr();
    start_logging(LogLevel::debug);
    EXPECT_EQ(ask(get()), "provider_refuses_key");
    stop_logging();
    return ::testing::internal::GetCapturedStderr();
  };
  const std::string of_a_key = logged();
  EXPECT_NE(of_a_key.find(R"("level":"error","event":"provider_refuses_key")"), std::string::npos) << of_a_key;
  access.granted = app::GrantedAccess{};
  const std::string of_a_token = logged();
  EXPECT_NE(of_a_token.find(R"("level":"info","event":"provider_refuses_token")"), std::string::npos) << of_a_token;
  EXPECT_EQ(of_a_token.find("error\",\"event"), std::string::npos) << of_a_token;
}

TEST_F(MollieClient, WaitsLongerEachTimeAndNotForEver) {
  Extreme largest{std::byte{0x7f}};
  Client drawn{http, "https://api.example.com", clock, largest, {.tries = 6}};
  http.answers = {{500}, {500}, {500}, {500}, {500}, {500}};
  start(
      drawn.send(access, get()), [](const Result<std::string>& answer) { EXPECT_FALSE(answer); },
      [](const std::exception_ptr&) { FAIL(); });
  EXPECT_EQ(http.requests.size(), 5U) << "five failures in a row, and nobody asks any more";
  const milliseconds longest[] = {200ms, 400ms, 800ms, 1600ms, 2000ms};
  ASSERT_EQ(http.waits.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_LE(http.waits[i], longest[i]);
    EXPECT_GT(http.waits[i], 0ms);
  }
}

TEST_F(MollieClient, WaitsAsLongAsItIsAskedTo) {
  http.answers = {{429, "", "3"}};
  EXPECT_EQ(ask(get()), "{}");
  EXPECT_EQ(http.waits, std::vector<milliseconds>{3s});
  http.answers = {{503, "", "9"}};
  EXPECT_EQ(ask(get()), "provider_unavailable") << "nobody waits so long";
  http.answers = {{429, "", "99999999999999999999"}};
  EXPECT_EQ(ask(get()), "provider_unavailable");
  http.waits.clear();
  http.answers = {{429, "", "soon"}};
  EXPECT_EQ(ask(get()), "{}") << "what is no number is not waited for";
  EXPECT_EQ(http.waits, std::vector<milliseconds>{0ms});
}

TEST_F(MollieClient, IsOverBeforeAPayerGoes) {
  const Time began = clock.now();
  http.answers = {{0}, {0}, {0}, {0}};
  EXPECT_EQ(ask(post()), "timed_out");
  EXPECT_LE(clock.now() - began, 10s);
  EXPECT_EQ(http.requests.size(), 2U);
  for (const auto& request : http.requests) EXPECT_LE(request.timeout, 5s);
}

// The sandbox's clock, or one that is set right: what is left of the time is nothing, and no try is made with that.
TEST_F(MollieClient, GivesNoTryLessTimeThanItNeeds) {
  http.answers = {{500}, {200}};
  http.jump = 1h;
  EXPECT_EQ(ask(get()), "provider_unavailable");
  EXPECT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(ask(get()), "{}") << "the next has all of its time";
  for (const auto& request : http.requests) EXPECT_EQ(request.timeout, 5s);
}

// Once nobody is there, nobody waits: the next payer hears it at once, and one call finds out when he is back.
TEST_F(MollieClient, DoesNotWaitForTheDead) {
  http.answers.assign(20, {0, "timed_out"});
  for (int i = 0; i < 3; ++i) (void)ask(get());
  const std::size_t asked = http.requests.size();
  EXPECT_EQ(asked, 5U);
  const Time began = clock.now();
  EXPECT_EQ(ask(get()), "provider_down");
  EXPECT_EQ(ask(post()), "provider_down");
  EXPECT_EQ(clock.now(), began);
  EXPECT_EQ(http.requests.size(), asked);
  clock.advance(3s);
  http.answers.clear();
  EXPECT_EQ(ask(get()), "{}");
  EXPECT_EQ(ask(get()), "{}");
}

// What renews tokens may be down without anything else; whoever does not answer there does not answer anywhere.
TEST_F(MollieClient, PaysWhileTokensAreNotRenewed) {
  for (int i = 0; i < 10; ++i) {
    http.answers = {{500}, {500}, {500}, {500}};
    EXPECT_EQ(ask(tokens(Operation::renew)), "provider_unavailable");
  }
  http.answers.clear();
  EXPECT_EQ(ask(get()), "{}");
  http.answers.assign(20, {0, "connect_failed"});
  for (int i = 0; i < 5; ++i) EXPECT_NE(ask(tokens(Operation::exchange)), "{}");
  EXPECT_EQ(ask(get()), "provider_down");
}

TEST_F(MollieClient, IsNotShutOutByOneMerchantOrMethod) {
  for (const int status : {400, 401, 403, 404, 409, 422, 429, 503}) {
    SCOPED_TRACE(status);
    for (int i = 0; i < 10; ++i) {
      http.answers = {{status}, {status}, {status}, {status}};
      EXPECT_NE(ask(post()), "provider_down");
    }
    http.answers.clear();
    EXPECT_EQ(ask(get()), "{}");
  }
}

}  // namespace
}  // namespace paylink::providers::mollie
