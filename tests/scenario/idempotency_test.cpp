// A request that is sent again happens once: contract.md 3.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
const std::string replayed = "Idempotent-Replayed";

Fields key(const std::string& text) { return {{"Idempotency-Key", text}}; }

std::string id_of(const Answer& answer) { return at(answer.body, "/payment_link/id"); }

void advance(const Sandbox& sandbox, const std::string& time) {
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":")" + time + "\"}").status, 200);
}

class Idempotency : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Idempotency::sandbox;

TEST_F(Idempotency, TheSameRequestGetsTheSameAnswer) {
  const Answer first = sandbox->post(links, body(basket), key("same"));
  const Answer second = sandbox->post(links, body(basket), key("same"));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.field(replayed), "");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.field(replayed), "true");
  EXPECT_EQ(second.field("Content-Type"), first.field("Content-Type"));
  EXPECT_NE(second.field("X-Trace-Id"), first.field("X-Trace-Id"));
  const Answer by_other_name = sandbox->post(links, body(basket), {{"X-Qonto-Idempotency-Key", "same"}});
  EXPECT_EQ(by_other_name.body, first.body);
}

TEST_F(Idempotency, AnotherBodyIsRefused) {
  const Answer first = sandbox->post(links, body(basket), key("once"));
  check(sandbox->post(links, body(invoice), key("once")), {.status = 422, .errors = "idempotency_key_reused\n"});
  check(sandbox->post(links, body(basket) + " ", key("once")), {.status = 422});
  EXPECT_EQ(sandbox->post(links, body(basket), key("once")).body, first.body);
}

TEST_F(Idempotency, KeysThatAreNone) {
  const auto refused = [](const char* name, const Fields& fields) {
    return Scenario{.name = name,
                    .method = "POST",
                    .target = links,
                    .fields = fields,
                    .body = body(basket),
                    .status = 400,
                    .errors = "bad_request\n"};
  };
  play(*sandbox, {
                     {.name = "255 characters",
                      .method = "POST",
                      .target = links,
                      .fields = key(repeated(255, "k")),
                      .body = body(basket),
                      .status = 201},
                     {.name = "a space within",
                      .method = "POST",
                      .target = links,
                      .fields = key("a b"),
                      .body = body(basket),
                      .status = 201},
                     refused("256 characters", key(repeated(256, "k"))),
                     refused("empty", key("")),
                     refused("not ASCII", key("\xC3\xA9")),
                     refused("twice", {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}}),
                     refused("by both names", {{"Idempotency-Key", "a"}, {"X-Qonto-Idempotency-Key", "b"}}),
                 });
}

TEST_F(Idempotency, TheBodyOfAPatchSaysNothing) {
  const std::string target = links + "/" + id_of(sandbox->post(links, body(basket))) + "/deactivate";
  const Answer bare = sandbox->ask({.method = "PATCH", .target = target, .fields = key("patch")});
  const Answer with_body = sandbox->ask({.method = "PATCH", .target = target, .fields = key("patch"), .body = "{}"});
  EXPECT_EQ(bare.status, 200);
  EXPECT_EQ(with_body.status, 200);
  EXPECT_EQ(with_body.field(replayed), "true");
  EXPECT_EQ(with_body.body, bare.body);
}

TEST_F(Idempotency, AKeyBelongsToWhoeverUsesIt) {
  Fields by_key = key("mine");
  by_key.emplace_back("Authorization", sandbox->api_key());
  const Answer by_token = sandbox->post(links, body(basket), key("mine"));
  const Answer by_api_key = sandbox->post(links, body(basket), by_key);
  EXPECT_EQ(by_api_key.status, 201);
  EXPECT_NE(id_of(by_api_key), id_of(by_token));
  EXPECT_EQ(sandbox->post(links, body(basket), by_key).body, by_api_key.body);
  EXPECT_NE(id_of(sandbox->post(links, body(basket), key("Mine"))), id_of(by_token));
}

TEST_F(Idempotency, OnlyWhatHappenedIsRemembered) {
  EXPECT_EQ(sandbox->post(links, "{}", key("second try")).status, 400);
  const Answer answer = sandbox->post(links, body(basket), key("second-try"));
  EXPECT_EQ(sandbox->post(links, "{}", key("fixed")).status, 400);
  const Answer fixed = sandbox->post(links, body(basket), key("fixed"));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(fixed.status, 201);
  EXPECT_EQ(fixed.field(replayed), "");
}

TEST_F(Idempotency, TwentyAtOnceMakeOneLink) {
  const std::string count = "SELECT count(*) FROM payment_links";
  const std::string database = sandbox->database();
  const int before = std::stoi(value(database, count));
  Message message{.method = "POST", .target = links, .fields = key("storm"), .body = body(basket)};
  message.fields.emplace_back("Authorization", sandbox->bearer());
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 20; ++i) connections.push_back(std::make_unique<Connection>(sandbox->port()));
  for (const auto& connection : connections) EXPECT_TRUE(connection->send(wire(message, sandbox->port())));
  std::vector<std::string> bodies;
  for (const auto& connection : connections) {
    const auto answer = connection->receive();
    ASSERT_TRUE(answer);
    if (answer->status != 409) bodies.push_back(answer->body);
  }
  ASSERT_FALSE(bodies.empty());
  for (const std::string& one : bodies) EXPECT_EQ(one, bodies.front());
  EXPECT_EQ(std::stoi(value(database, count)), before + 1);
}

TEST(IdempotencyKeys, OutliveARestartAndEndAfterThirtyDays) {
  Sandbox sandbox;
  const Answer first = sandbox.post(links, body(basket), key("kept"));
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  const Answer second = sandbox.post(links, body(basket), key("kept"));
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.field(replayed), "true");
  advance(sandbox, "29d23h");
  EXPECT_EQ(sandbox.post(links, body(basket), key("kept")).body, first.body);
  advance(sandbox, "1h");
  const Answer late = sandbox.post(links, body(invoice), key("kept"));
  EXPECT_EQ(late.status, 201);
  EXPECT_EQ(late.field(replayed), "");
}

TEST(IdempotencyKeys, CanFollowTheOriginalsRule) {
  const Sandbox sandbox({"--compat-idempotency", "lax"});
  const Answer first = sandbox.post(links, body(basket), key("lax"));
  const Answer other_body = sandbox.post(links, body(invoice), key("lax"));
  EXPECT_EQ(other_body.status, 201);
  EXPECT_EQ(other_body.body, first.body);
  advance(sandbox, "31m");
  const Answer second = sandbox.post(links, body(basket), key("lax"));
  EXPECT_NE(id_of(second), id_of(first));
  // One key for two links is two requests.
  for (const std::string& id : {id_of(first), id_of(second)}) {
    const std::string link = links + "/" + id;
    EXPECT_EQ(sandbox.ask({.method = "PATCH", .target = link + "/deactivate", .fields = key("away")}).status, 200);
    EXPECT_EQ(at(sandbox.get(link).body, "/status"), "canceled");
  }
}

}  // namespace
}  // namespace paylink::scenario
