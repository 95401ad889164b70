// OAuth applications as an operator meets them: `paylink clients …`, with a server and without.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Ended clients(const Sandbox& sandbox, Words words) {
  words.insert(words.begin(), "clients");
  return operate(sandbox, std::move(words));
}

std::string create(const Sandbox& sandbox) {
  const Ended made = clients(
      sandbox, {"create", "--name", "Shop plugin", "--redirect-uri", "https://shop.example/cb", "--redirect-uri",
                "http://127.0.0.1/cb", "--scope", "payment_link.read", "--scope", "offline_access"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.err, "Keep this: the client secret is shown only now.\n");
  return made.out;
}

std::string list(const Sandbox& sandbox) {
  const Ended listed = clients(sandbox, {"list", "-o", "json"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_FALSE(has(listed.out, "pls_")) << listed.out;
  return listed.out;
}

std::string end_of(const std::string& made) {
  const std::string secret = at(made, "/client_secret");
  EXPECT_EQ(secret.size(), 64U) << made;
  EXPECT_TRUE(secret.starts_with("pls_")) << made;
  return secret.substr(secret.size() - 4);
}

TEST(Clients, LiveFromTheirFirstSecretToTheirEnd) {
  Sandbox sandbox;
  const std::string made = create(sandbox);
  const std::string id = at(made, "/client_id"), first = end_of(made);
  EXPECT_EQ(at(made, "/type"), "confidential");
  EXPECT_EQ(at(made, "/redirect_uris/0"), "https://shop.example/cb");
  EXPECT_EQ(at(made, "/redirect_uris/1"), "http://127.0.0.1/cb");
  EXPECT_EQ(at(made, "/scopes/1"), "payment_link.read");
  const Ended rotated = clients(sandbox, {"rotate", id});
  EXPECT_EQ(rotated.status, 0) << rotated.err;
  EXPECT_EQ(at(rotated.out, "/client_id"), id);
  const std::string second = end_of(rotated.out);
  const std::string listed = list(sandbox);
  EXPECT_EQ(at(listed, "/0/client_id"), id);
  EXPECT_EQ(at(listed, "/0/secrets/0/ends_in"), second);
  EXPECT_EQ(at(listed, "/0/secrets/0/expires_at"), "null");
  EXPECT_EQ(at(listed, "/0/secrets/1/ends_in"), first);
  EXPECT_EQ(at(listed, "/0/secrets/1/expires_at"), at(rotated.out, "/old_secret_expires_at"));
  EXPECT_EQ(at(listed, "/1/name"), "Sandbox application");
  const Ended table = clients(sandbox, {"list"});
  EXPECT_TRUE(table.out.starts_with("ID ")) << table.out;
  EXPECT_TRUE(has(table.out, second + ", " + first + " (until 2")) << table.out;
  const Ended refused = clients(sandbox, {"rotate", id, "--overlap", "7d"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has(refused.err, "has two secrets")) << refused.err;
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"24h"})").status, 200);
  EXPECT_EQ(at(list(sandbox), "/0/secrets"), "[1]");
  const Ended replaced = clients(sandbox, {"rotate", id, "--overlap", "0"});
  EXPECT_EQ(at(replaced.out, "/old_secret_expires_at"), "null") << replaced.err;
  EXPECT_EQ(at(list(sandbox), "/0/secrets/0/ends_in"), end_of(replaced.out));
  EXPECT_EQ(at(list(sandbox), "/0/secrets"), "[1]");
  const Ended deleted = clients(sandbox, {"delete", id});
  EXPECT_TRUE(deleted.out.starts_with("Deleted " + id + " (Shop plugin).")) << deleted.err;
  EXPECT_EQ(clients(sandbox, {"delete", id}).status, 1);
  EXPECT_EQ(at(list(sandbox), "/0/name"), "Sandbox application");
  EXPECT_EQ(sandbox.stop(), 0);
  EXPECT_FALSE(has(sandbox.process().err(), "pls_"));
}

// How the token endpoint takes a secret: with one that is good it is the code that is wrong.
std::string told(const Sandbox& sandbox, const std::string& made) {
  const std::string form = "grant_type=authorization_code&code=x&redirect_uri=https%3A%2F%2Fshop.example%2Fcb";
  const Answer answer = exchange(sandbox.port(), {.method = "POST",
                                                  .target = "/oauth2/token",
                                                  .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                                  .body = form + "&client_id=" + at(made, "/client_id") +
                                                          "&client_secret=" + at(made, "/client_secret")});
  return at(answer.body, "/error");
}

TEST(Clients, AuthenticateByTheirSecretsAsLongAsThoseAreGood) {
  const Sandbox sandbox;
  const std::string first = create(sandbox), id = at(first, "/client_id");
  EXPECT_EQ(told(sandbox, first), "invalid_grant");
  const std::string second = clients(sandbox, {"rotate", id}).out;
  EXPECT_EQ(told(sandbox, first), "invalid_grant");
  EXPECT_EQ(told(sandbox, second), "invalid_grant");
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"24h"})").status, 200);
  EXPECT_EQ(told(sandbox, first), "invalid_client");
  EXPECT_EQ(told(sandbox, second), "invalid_grant");
  const std::string third = clients(sandbox, {"rotate", id, "--overlap", "0"}).out;
  EXPECT_EQ(told(sandbox, second), "invalid_client");
  EXPECT_EQ(told(sandbox, third), "invalid_grant");
  EXPECT_EQ(clients(sandbox, {"delete", id}).status, 0);
  EXPECT_EQ(told(sandbox, third), "invalid_client");
}

// Where the browser of somebody who is not signed in is sent.
int authorized(const Sandbox& sandbox, const std::string& id, const std::string& uri) {
  return sandbox
      .ask({.target = "/oauth2/auth?response_type=code&scope=payment_link.read&state=abcdefgh&client_id=" + id +
                      "&redirect_uri=" + uri})
      .status;
}

TEST(Clients, AreChangedWithAServerAndWithout) {
  Sandbox sandbox;
  const std::string made = create(sandbox), id = at(made, "/client_id");
  EXPECT_EQ(authorized(sandbox, id, "https://shop.example/cb"), 303);
  const Ended moved = clients(sandbox, {"update", id, "--redirect-uri", "https://shop.example/new"});
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_EQ(at(moved.out, "/redirect_uris"), "[1]");
  EXPECT_EQ(at(moved.out, "/name"), "Shop plugin");
  EXPECT_FALSE(has(moved.out, "client_secret"));
  EXPECT_EQ(authorized(sandbox, id, "https://shop.example/cb"), 400);
  EXPECT_EQ(authorized(sandbox, id, "https://shop.example/new"), 303);
  EXPECT_EQ(told(sandbox, made), "invalid_grant");  // its secret is what it was
  EXPECT_EQ(sandbox.stop(), 0);
  EXPECT_EQ(clients(sandbox, {"update", id, "--name", "Till"}).status, 0);
  const std::string listed = list(sandbox);
  EXPECT_EQ(at(listed, "/0/name"), "Till");
  EXPECT_EQ(at(listed, "/0/redirect_uris/0"), "https://shop.example/new");
  EXPECT_EQ(at(listed, "/0/redirect_uris"), "[1]");
}

TEST(Clients, WithoutAServerAreKeptInTheDirectory) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.stop(), 0);
  const std::string made = create(sandbox), id = at(made, "/client_id");
  const Ended rotated = clients(sandbox, {"rotate", id, "--overlap", "1h"});
  EXPECT_EQ(rotated.status, 0) << rotated.err;
  const std::string alone = list(sandbox);
  sandbox.start();
  EXPECT_EQ(list(sandbox), alone);
  EXPECT_EQ(at(alone, "/0/secrets/1/ends_in"), end_of(made));
  EXPECT_EQ(sandbox.stop(), 0);
  EXPECT_EQ(clients(sandbox, {"delete", id}).status, 0);
  EXPECT_EQ(at(list(sandbox), "/1"), "(nothing)");
}

// Every token dies with its application; nothing else does.
TEST(Clients, ThatAreDeletedAreRefusedWithinASecondAndStaySo) {
  Sandbox sandbox;
  const std::string id = sandbox.ready("/oauth_client/client_id");
  create(sandbox);
  EXPECT_EQ(sandbox.get(links).status, 200);
  const Ended deleted = clients(sandbox, {"delete", id});
  EXPECT_EQ(deleted.status, 0) << deleted.err;
  EXPECT_TRUE(eventually([&] { return sandbox.get(links).status == 401; }, std::chrono::seconds(1)));
  EXPECT_EQ(sandbox.ask({.target = links, .fields = {{"Authorization", sandbox.api_key()}}}).status, 200);
  EXPECT_EQ(at(list(sandbox), "/0/name"), "Shop plugin");
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  EXPECT_EQ(sandbox.get(links).status, 401);

  Sandbox other;
  EXPECT_EQ(other.get(links).status, 200);
  EXPECT_EQ(other.stop(), 0);
  EXPECT_EQ(clients(other, {"delete", other.ready("/oauth_client/client_id")}).status, 0);
  other.start();
  EXPECT_EQ(other.get(links).status, 401);
}

TEST(Clients, SayWhatIsWrong) {
  const Sandbox sandbox;
  const auto created_with = [](const Words& more) {
    Words words{"create", "--name", "a", "--scope", "webhook"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto to = [&](const std::string& uri) { return created_with({"--redirect-uri", uri}); };
  const std::string nobody = "0198c0de-0000-7000-8000-000000000000";
  Words many;
  for (int i = 0; i <= 20; ++i)
    many.insert(many.end(), {"--redirect-uri", "https://shop.example/" + std::to_string(i)});
  Words too_many;
  for (int i = 0; i < 40; ++i) too_many.insert(too_many.end(), {"--redirect-uri", std::string(2'000, 'a')});
  struct Case {
    const char* name;
    Words words;
    const char* sentence;
    int status = 2;
  };
  const Case cases[] = {
      {"no URI", created_with({}), "--redirect-uri is required"},
      {"http", to("http://shop.example/cb"), "`http://shop.example/cb`: With http"},
      {"fragment", to("https://shop.example/cb#a"), "must not have a fragment"},
      {"wildcard", to("https://*.shop.example/"), "there is no wildcard"},
      {"script", to("javascript:alert(1)"), "begins with https://"},
      {"control characters", to("https://shop.example/\r\n"), "--redirect-uri must not contain control characters"},
      {"an app's without --public", to("com.example.app:/cb"), "for public applications alone"},
      {"too long", to("https://shop.example/" + std::string(2'000, 'a')), "at most 2000 bytes"},
      {"21", created_with(many), "at most 20 redirect URIs"},
      {"far too many", created_with(too_many), "too much for one command"},
      {"scope",
       {"create", "--name", "a", "--redirect-uri", "https://shop.example/", "--scope", "all"},
       "There is no scope `all`. The scopes are attachment.read,"},
      {"no name",
       {"create", "--name", "", "--redirect-uri", "https://shop.example/", "--scope", "webhook"},
       "--name must have"},
      {"long name",
       {"create", "--name", repeated(65, "é"), "--redirect-uri", "https://shop.example/", "--scope", "webhook"},
       "--name must have"},
      {"overlap", {"rotate", nobody, "--overlap", "soon"}, "--overlap must be a duration"},
      {"negative overlap", {"rotate", nobody, "--overlap=-1h"}, "--overlap must be a duration"},
      {"a long id", {"delete", repeated(65, "z")}, "ID must have"},
      {"nothing to change", {"update", nobody}, "Say what is to change: --name, or --redirect-uri"},
      {"an empty name", {"update", nobody, "--name", ""}, "--name must have"},
      {"no URI to change to", {"update", nobody, "--redirect-uri", ""}, "There is no application `0198c0de", 1},
      {"changing nobody", {"update", nobody, "--name", "a"}, "There is no application `0198c0de", 1},
      {"output", {"list", "-o", "yaml"}, "yaml not in"},
      {"unknown", {"rotate", nobody}, "There is no application `0198c0de", 1},
      {"no id", {"delete", "shop"}, "There is no application `shop`", 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Ended ended = clients(sandbox, c.words);
    EXPECT_EQ(ended.status, c.status) << ended.err;
    EXPECT_TRUE(has(ended.err, c.sentence)) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
  EXPECT_EQ(at(list(sandbox), "/1"), "(nothing)");
  const Ended app = clients(sandbox, {"create", "--name", "Till", "--public", "--redirect-uri", "com.example.till:/cb",
                                      "--scope", "payment_link.create"});
  EXPECT_EQ(app.status, 0) << app.err;
  EXPECT_EQ(app.err, "");
  EXPECT_EQ(at(app.out, "/client_secret"), "(nothing)");
  EXPECT_EQ(clients(sandbox, {"rotate", at(app.out, "/client_id")}).status, 1);
}

TEST(Clients, NeedTheMasterKeyWhereNoServerHasIt) {
  const TempDir place;
  const auto with = [&](Words words) {
    words.insert(words.end(), {"--data-dir", place.file("data")});
    return run(words);
  };
  const Ended made = with({"init", "--name", "Acme", "--slug", "acme", "--email", "owner@acme.example", "--iban",
                           "FR7716798000010000000000103", "--bic", "TRZOFR2X", "--key-file", place.file("key")});
  ASSERT_EQ(made.status, 0) << made.err;
  Words words = {"clients", "create", "--name", "Shop", "--redirect-uri", "https://shop.example/",
                 "--scope", "webhook"};
  const Ended refused = with(words);
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(has(refused.err, "--key-file")) << refused.err;
  EXPECT_EQ(with({"clients", "list"}).out, "There is no application. `paylink clients create` makes one.\n");
  words.insert(words.end(), {"--key-file", place.file("key")});
  EXPECT_EQ(with(words).status, 0);
}

}  // namespace
}  // namespace paylink::scenario
