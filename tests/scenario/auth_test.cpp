// Who may call: contract.md 2 (401, 403) and 3.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
const std::string told_alone = R"(Bearer realm="paylink")";
const std::string told_invalid = R"(Bearer realm="paylink", error="invalid_token")";
const std::string told_lacking = R"(Bearer realm="paylink", error="insufficient_scope", scope=")";

// The same text with another character at `place` from its end.
std::string changed(std::string text, std::size_t place) {
  char& c = text[text.size() - 1 - place];
  c = c == 'a' ? 'b' : 'a';
  return text;
}

Scenario refused(const char* name, const std::string& authorization, const std::string& code, const std::string& told) {
  return {.name = name,
          .method = "POST",
          .target = links,
          .fields = {{"Authorization", authorization}},
          .body = body(basket),
          .status = 401,
          .errors = code + "\n",
          .answer_fields = {{"WWW-Authenticate", told}}};
}

Scenario accepted(const char* name, const Fields& fields) {
  return {.name = name, .method = "POST", .target = links, .fields = fields, .body = body(basket), .status = 201};
}

TEST(Authentication, BelievesKeysAndTokensOnly) {
  const Sandbox sandbox;
  const std::string token = sandbox.ready("/access_token"), login = sandbox.ready("/api_key/login");
  const std::string secret = sandbox.ready("/api_key/secret_key");
  const std::string invalid = "authorization_token_invalid";
  play(sandbox,
       {
           accepted("bearer", {{"Authorization", "Bearer " + token}}),
           accepted("bearer in other letters", {{"Authorization", "bEARER " + token}}),
           accepted("API key", {{"Authorization", login + ":" + secret}}),
           refused("token cut off", "Bearer " + token.substr(0, 40), invalid, told_invalid),
           refused("token with a wrong checksum", "Bearer " + changed(token, 0), invalid, told_invalid),
           refused("token that was never given", "Bearer " + changed(token, 20), invalid, told_invalid),
           refused("no token", "Bearer ", "unauthorized", told_alone),
           refused("refresh token", "Bearer " + sandbox.ready("/refresh_token"), invalid, told_invalid),
           refused("API key as bearer", "Bearer " + secret, invalid, told_invalid),
           refused("another scheme", "Basic YTpi", "unauthorized", told_alone),
           refused("token without scheme", token, "unauthorized", told_alone),
           refused("token as an API key", login + ":" + token, "unauthorized", told_alone),
           refused("another login", login + "x:" + secret, "unauthorized", told_alone),
           refused("no login", ":" + secret, "unauthorized", told_alone),
           refused("API key with a wrong checksum", login + ":" + changed(secret, 0), "unauthorized", told_alone),
           refused("API key that was never given", login + ":" + changed(secret, 20), "unauthorized", told_alone),
           {.name = "twice",
            .target = links + "/x",
            .fields = {{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}},
            .status = 401,
            .errors = "unauthorized\n"},
       });
  const Answer none = exchange(sandbox.port(), {.method = "POST", .target = links, .body = body(basket)});
  check(none, {.name = "none",
               .status = 401,
               .errors = "authorization_header_missing\n",
               .answer_fields = {{"WWW-Authenticate", told_alone}}});
  // Credentials come before the body: a stranger learns nothing of what is wrong with it.
  check(exchange(sandbox.port(), {.method = "POST", .target = links, .body = "{"}), {.status = 401});
}

TEST(Authentication, AsksForTheScopeAndHearsOfRevocations) {
  Sandbox sandbox;
  const std::string database = sandbox.database();
  const std::string id = at(sandbox.post(links, body(basket)).body, "/payment_link/id");
  EXPECT_EQ(sandbox.stop(), 0);
  execute(database, "UPDATE api_keys SET scopes = 'payment_link.read organization.read'");
  execute(database, "UPDATE oauth_tokens SET scopes = 'payment_link.write'");
  sandbox.start();
  const std::string key = sandbox.api_key();
  const Fields by_key{{"Authorization", key}};
  play(sandbox,
       {
           {.name = "the key may read", .target = links + "/" + id, .fields = by_key, .status = 200},
           {.name = "but not write",
            .method = "POST",
            .target = links,
            .fields = by_key,
            .body = body(basket),
            .status = 403,
            .errors = "forbidden\n",
            .says = {"missing required oauth scope: payment_link.write"},
            .answer_fields = {{"WWW-Authenticate", told_lacking + "payment_link.write\""}}},
           {.name = "the token may write", .method = "POST", .target = links, .body = body(basket), .status = 201},
           {.name = "but not read",
            .target = links + "/" + id,
            .status = 403,
            .errors = "forbidden\n",
            .says = {"missing required oauth scope: payment_link.read"},
            .answer_fields = {{"WWW-Authenticate", told_lacking + "payment_link.read\""}}},
       });
  execute(database, "UPDATE api_keys SET revoked_at = 1");
  EXPECT_TRUE(eventually([&] { return sandbox.ask({.target = links + "/" + id, .fields = by_key}).status == 401; },
                         std::chrono::seconds(2)));
  execute(database, "UPDATE oauth_tokens SET expires_at = 1");
  EXPECT_TRUE(eventually([&] { return sandbox.post(links, body(basket)).status == 401; }, std::chrono::seconds(2)));
}

TEST(Authentication, AStagingTokenIsOptionalButNeverWrong) {
  const Sandbox sandbox;
  const std::string staging = "X-Qonto-Staging-Token";
  const Scenario wrong{.name = "wrong",
                       .method = "POST",
                       .target = links,
                       .fields = {{staging, "x"}},
                       .body = body(basket),
                       .status = 401,
                       .errors = "unauthorized\n"};
  play(sandbox, {wrong, accepted("right", {{staging, sandbox.ready("/staging_token")}}), accepted("none", {})});

  const Sandbox strict({"--sandbox-require-staging-token", "true"});
  Scenario none = wrong;
  none.name = "none where it is required";
  none.fields = {};
  play(strict, {wrong, none, accepted("right", {{staging, strict.ready("/staging_token")}})});
}

TEST(Authentication, OfPaymentLinksCanBeForApplicationsAlone) {
  const Sandbox sandbox({"--compat-api-key-on-payment-links", "false", "--rate-limits",
                         "--rate-limits-unauthorized-per-hour", "2", "--trusted-proxies", "127.0.0.1"});
  const Fields key{{"Authorization", sandbox.api_key()}};
  const Scenario refused{.name = "API key",
                         .method = "POST",
                         .target = links,
                         .fields = key,
                         .body = body(basket),
                         .status = 401,
                         .errors = "unauthorized\n",
                         .says = {"OAuth2 authentication is required here"}};
  Scenario list = refused, methods = refused;
  list.method = methods.method = "GET";
  list.body = methods.body = "";
  methods.target = links + "/payment_methods";
  play(sandbox, {refused, list, methods, refused, refused, accepted("bearer", {})});
  for (const std::string target : {"/v2/organization", "/v2/bank_accounts", "/v2/membership"})
    EXPECT_EQ(sandbox.ask({.target = target, .fields = key}).status, 200) << target;
  // The key is good: none of that was an attempt to guess one.
  const Fields wrong{{"Authorization", "Bearer x"}};
  EXPECT_EQ(sandbox.ask({.target = links, .fields = wrong}).status, 401);
  EXPECT_EQ(sandbox.ask({.target = links, .fields = wrong}).status, 401);
  EXPECT_EQ(sandbox.ask({.target = links, .fields = wrong}).status, 429);
}

}  // namespace
}  // namespace paylink::scenario
