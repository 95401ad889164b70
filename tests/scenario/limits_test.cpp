// What one client may ask for, fail at and leave waiting: contract.md 3, rate limits.

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <set>

#include "answers.hpp"
#include "bodies.hpp"
#include "crypto/token.hpp"
#include "process.hpp"
#include "routes.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links", organization = "/v2/organization";

// Each test is its own clients: the server believes what 127.0.0.1 says of where a request came from.
Words limited(Words more) {
  Words flags{"--rate-limits", "--trusted-proxies", "127.0.0.1"};
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

Fields from(const std::string& client, const std::string& authorization) {
  return {{"X-Forwarded-For", client}, {"Authorization", authorization}};
}

Scenario refused(const char* name, const Message& message, const std::string& says) {
  return {.name = name,
          .method = message.method,
          .target = message.target,
          .fields = message.fields,
          .body = message.body,
          .status = 429,
          .errors = "rate_limited\n",
          .says = {says}};
}

int retry_after(const Answer& answer) { return std::atoi(answer.field("Retry-After").c_str()); }

TEST(RateLimits, TheThousandthPassesAndTheNextDoesNot) {
  const Sandbox sandbox(limited({}));
  Connection connection(sandbox.port());
  const auto ask = [&](const std::string& client) {
    const Message message{.target = organization, .fields = from(client, sandbox.bearer())};
    connection.send(wire(message, sandbox.port()));
    return connection.receive().value_or(Answer{});
  };
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(ask("192.0.2.1").status, 200) << i;
  const Answer answer = ask("192.0.2.1");
  check(answer, {.status = 429, .errors = "rate_limited\n"});
  EXPECT_GE(retry_after(answer), 1);
  EXPECT_LE(retry_after(answer), 10);
  EXPECT_EQ(at(answer.body, "/trace_id"), answer.field("X-Trace-Id"));
  EXPECT_EQ(ask("192.0.2.2").status, 200);
  EXPECT_EQ(ask("::ffff:192.0.2.1").status, 429);
}

TEST(RateLimits, HoldForEveryRouteButHealth) {
  const Sandbox sandbox(limited({"--rate-limits-requests-per-10s", "2"}));
  const Fields fields = from("2001:db8:0:1::1", sandbox.bearer());
  play(sandbox, {
                    {.name = "first", .target = organization, .fields = fields, .status = 200},
                    {.name = "a path that is not there counts", .target = "/v2/x", .fields = fields, .status = 404},
                    refused("API", {.target = organization, .fields = from("2001:db8:0:1::2", sandbox.bearer())},
                            "too many requests from your address"),
                    refused("page", {.target = "/docs", .fields = fields}, "Slow down"),
                    refused("no such path", {.target = "/v2/x", .fields = fields}, "Slow down"),
                    refused("no credentials",
                            {.method = "POST", .target = links, .fields = from("2001:db8:0:1::3", "x"), .body = "{"},
                            "Slow down"),
                    {.name = "live", .target = "/livez", .fields = fields, .status = 200},
                    {.name = "ready", .target = "/readyz", .fields = fields, .status = 200},
                    {.name = "the next /64",
                     .target = organization,
                     .fields = from("2001:db8:0:2::1", sandbox.bearer()),
                     .status = 200},
                });
}

// Whatever is asked for, in the same words: openapi/paylink.yaml promises it of each operation.
TEST(RateLimits, EveryOperationSaysSo) {
  Sandbox sandbox(limited({"--rate-limits-requests-per-10s", "1", "--log-level", "debug"}));
  const Fields fields = from("192.0.2.1", sandbox.bearer());
  EXPECT_EQ(exchange(sandbox.port(), {.target = organization, .fields = fields}).status, 200);
  std::vector<Route> routes = routes_of(sandbox.process());
  EXPECT_GT(routes.size(), 30U);
  for (const char* const nowhere : {"/v2", "/favicon.ico"}) routes.push_back({"GET", nowhere, "open"});
  // A payer, or whoever connects, is told by a page.
  const std::set<std::string> pages = {"/{organization}", "/a/{attempt}", "/a/{attempt}/go",
                                       "/connect/{word}", "/oauth2/auth", "/sign-in"};
  // These have words of their own (RFC 6749).
  const std::set<std::string> tokens = {"/oauth2/token", "/oauth2/revoke"};
  const std::set<std::string> unlimited = {"/livez", "/readyz"};
  for (const Route& route : routes) {
    if (unlimited.contains(route.pattern)) continue;
    SCOPED_TRACE(route.name());
    const Message message{.method = route.method,
                          .target = filled(route.pattern, "00000000-0000-7000-8000-000000000000"),
                          .fields = fields};
    const Answer answer = exchange(sandbox.port(), message);
    if (tokens.contains(route.pattern)) {
      EXPECT_EQ(answer.status, 429);
      EXPECT_EQ(at(answer.body, "/error"), "temporarily_unavailable");
      EXPECT_GE(std::stoi("0" + answer.field("Retry-After")), 1);
      continue;
    }
    if (!pages.contains(route.pattern) && route.access != "session") {
      check(answer, refused("a route", message, "Slow down"));
      continue;
    }
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(answer.body.find("in a moment."), std::string::npos);
    EXPECT_GE(std::stoi("0" + answer.field("Retry-After")), 1);
  }
}

TEST(RateLimits, RetryAfterIsTrue) {
  const Sandbox sandbox(limited({"--rate-limits-requests-per-10s", "2"}));
  const Message message{.target = organization, .fields = from("192.0.2.1", sandbox.bearer())};
  EXPECT_EQ(exchange(sandbox.port(), message).status, 200);
  EXPECT_EQ(exchange(sandbox.port(), message).status, 200);
  const Answer answer = exchange(sandbox.port(), message);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(retry_after(answer), 10);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(retry_after(answer));
  while (std::chrono::steady_clock::now() < end) pause_shortly();
  EXPECT_EQ(exchange(sandbox.port(), message).status, 200);
}

TEST(RateLimits, FailedAttemptsRunOutAndGoodCredentialsGoOn) {
  const Sandbox sandbox(limited({"--rate-limits-unauthorized-per-hour", "4"}));
  const auto get = [](const char* name, const Fields& fields, int status) {
    return Scenario{.name = name, .target = organization, .fields = fields, .status = status};
  };
  const std::string client = "192.0.2.1";
  SystemRandom random;
  const Secret unknown = crypto::make_token(*crypto::token_organization(sandbox.ready("/access_token")), random);
  const Fields bad = from(client, "Bearer " + unknown.reveal()), worse = from(client, "x:y");
  play(sandbox,
       {
           get("1", bad, 401),
           get("2", worse, 401),
           get("3", from(client, ""), 401),
           get("4", bad, 401),
           refused("5", {.target = organization, .fields = bad}, "too many failed attempts"),
           refused("6", {.target = organization, .fields = worse}, "too many failed attempts"),
           get("good, never seen before", from(client, sandbox.bearer()), 200),
           get("another good one", from(client, sandbox.api_key()), 200),
           refused("7", {.target = organization, .fields = worse}, "too many failed attempts"),
           get("good again", from(client, sandbox.bearer()), 200),
           {.name = "what needs no credentials", .target = "/docs", .fields = from(client, "x:y"), .status = 200},
           get("another client", from("192.0.2.2", "x:y"), 401),
       });
  const Answer answer = exchange(sandbox.port(), {.target = organization, .fields = worse});
  EXPECT_GT(retry_after(answer), 3'400);
  EXPECT_LE(retry_after(answer), 3'600);
}

TEST(RateLimits, FailedAttemptsOfApplicationsRunOutAsWell) {
  const Sandbox sandbox(limited({"--rate-limits-unauthorized-per-hour", "4"}));
  const std::string id = sandbox.ready("/oauth_client/client_id"),
                    secret = sandbox.ready("/oauth_client/client_secret");
  const auto ask = [&](const std::string& client, const std::string& sent, const std::string& target) {
    const Fields fields = {{"X-Forwarded-For", client}, {"Content-Type", "application/x-www-form-urlencoded"}};
    return exchange(sandbox.port(), {.method = "POST",
                                     .target = target,
                                     .fields = fields,
                                     .body = "grant_type=refresh_token&refresh_token=x&token=x&client_id=" + id +
                                             "&client_secret=" + sent});
  };
  const std::string token = "/oauth2/token", revoke = "/oauth2/revoke";
  for (int i = 0; i < 2; ++i)
    for (const std::string& target : {token, revoke}) EXPECT_EQ(ask("192.0.2.1", "wrong", target).status, 401);
  for (const std::string& target : {token, revoke}) {
    const Answer answer = ask("192.0.2.1", "wrong", target);
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(at(answer.body, "/error"), "temporarily_unavailable");
    EXPECT_GT(retry_after(answer), 3'400);
  }
  EXPECT_EQ(at(ask("192.0.2.1", secret, token).body, "/error"), "invalid_grant");
  EXPECT_EQ(ask("192.0.2.1", secret, revoke).status, 200);
  EXPECT_EQ(ask("192.0.2.2", "wrong", token).status, 401);
}

TEST(Writes, OfOneClientThatWaitAreSoMany) {
  const Sandbox sandbox(limited({"--limits-writes-per-client", "3"}));
  const auto create = [&](const std::string& client) {
    return wire({.method = "POST", .target = links, .fields = from(client, sandbox.bearer()), .body = body(basket)},
                sandbox.port());
  };
  std::deque<Connection> connections;
  {
    const Stall stall(sandbox.database());
    for (int i = 0; i < 3; ++i) connections.emplace_back(sandbox.port()).send(create("192.0.2.1"));
    for (int i = 0; i < 20; ++i) pause_shortly();  // until every event loop has seen its own
    Connection next(sandbox.port());
    next.send(create("192.0.2.1"));
    const Answer answer = next.receive().value_or(Answer{});
    check(answer, {.status = 429, .errors = "rate_limited\n", .says = {"wait to be stored"}});
    EXPECT_EQ(retry_after(answer), 1);
    EXPECT_EQ(exchange(sandbox.port(), {.target = organization, .fields = from("192.0.2.1", sandbox.bearer())}).status,
              200);
    connections.emplace_back(sandbox.port()).send(create("192.0.2.2"));
  }
  for (Connection& connection : connections) EXPECT_EQ(connection.receive().value_or(Answer{}).status, 201);
  for (int i = 0; i < 5; ++i) {
    connections.front().send(create("192.0.2.1"));
    EXPECT_EQ(connections.front().receive().value_or(Answer{}).status, 201);  // their places are free again
  }
}

TEST(ConnectionLimit, OfOneClientAreSoMany) {
  const Sandbox sandbox({"--rate-limits", "--limits-connections-per-client", "3"});
  std::deque<Connection> connections;
  const auto is_served = [&](Connection& connection) {
    connection.send(wire({.target = "/livez"}, sandbox.port()));
    return connection.receive().has_value();
  };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(is_served(connections.emplace_back(sandbox.port())));
  EXPECT_FALSE(is_served(connections.emplace_back(sandbox.port())));
  EXPECT_TRUE(is_served(connections.front()));
  connections.pop_front();
  EXPECT_TRUE(eventually([&] {
    Connection next(sandbox.port());
    return is_served(next);
  }));
}

TEST(Loopback, IsNotLimitedInTheSandboxUnlessAsked) {
  const Sandbox sandbox({"--rate-limits-requests-per-10s", "1", "--rate-limits-unauthorized-per-hour", "1",
                         "--limits-connections-per-client", "1", "--limits-writes-per-client", "1"});
  Connection kept(sandbox.port());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(sandbox.get(organization).status, 200);
    EXPECT_EQ(exchange(sandbox.port(), {.target = organization}).status, 401);
  }
}

TEST(RateLimits, CanBeOff) {
  const Sandbox sandbox(limited({"--rate-limits-enabled", "false", "--rate-limits-requests-per-10s", "1"}));
  const Message message{.target = organization, .fields = from("192.0.2.1", sandbox.bearer())};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(exchange(sandbox.port(), message).status, 200);
}

}  // namespace
}  // namespace paylink::scenario
