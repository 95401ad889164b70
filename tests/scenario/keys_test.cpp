// API keys as an operator meets them: `paylink keys create|list|revoke`, with a server and without.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>

#include "answers.hpp"
#include "bodies.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Ended keys(const Sandbox& sandbox, Words words) {
  words.insert(words.begin(), "keys");
  return operate(sandbox, std::move(words));
}

struct Key {
  std::string id;
  std::string authorization;
};

Key create(const Sandbox& sandbox, const Words& more) {
  Words words{"create", "--name", "till"};
  words.insert(words.end(), more.begin(), more.end());
  const Ended ended = keys(sandbox, words);
  EXPECT_EQ(ended.status, 0) << ended.err;
  return {at(ended.out, "/id"), at(ended.out, "/login") + ":" + at(ended.out, "/secret_key")};
}

Answer with(const Sandbox& sandbox, const Key& key, const std::string& method, const std::string& target,
            const std::string& text = "") {
  return sandbox.ask(
      {.method = method, .target = target, .fields = {{"Authorization", key.authorization}}, .body = text});
}

// The answer to one line, as `paylink keys` would get it.
std::string said_to_the_socket(const std::string& path, const std::string& line) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(descriptor, (line + "\n").data(), line.size() + 1, MSG_NOSIGNAL) > 0) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char part[4096];
    for (ssize_t got = 0; (got = ::recv(descriptor, part, sizeof part, 0)) > 0;)
      answer.append(part, static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return answer;
}

TEST(Keys, ACreateOnlyKeyCreatesAndNothingElse) {
  const Sandbox sandbox;
  const Key key = create(sandbox, {"--scope", "payment_link.create"});
  const Answer made = with(sandbox, key, "POST", links, body(basket));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string link = links + "/" + at(made.body, "/payment_link/id");
  struct Case {
    const char* method;
    std::string target;
    const char* scope;
  };
  const Case cases[] = {{"GET", links, "payment_link.read"},
                        {"GET", link, "payment_link.read"},
                        {"PATCH", link + "/deactivate", "payment_link.write"},
                        {"GET", "/v2/organization", "organization.read"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.target);
    const Answer answer = with(sandbox, key, c.method, c.target);
    EXPECT_EQ(answer.status, 403);
    EXPECT_TRUE(has(answer.body, std::string("missing required oauth scope: ") + c.scope)) << answer.body;
  }
  const Key reader = create(sandbox, {"--scope", "payment_link.read"});
  EXPECT_TRUE(
      has(with(sandbox, reader, "POST", links, body(basket)).body, "missing required oauth scope: payment_link.write"));
  const Key writer = create(sandbox, {"--scope", "payment_link.write"});
  EXPECT_EQ(with(sandbox, writer, "POST", links, body(basket)).status, 201);
}

TEST(Keys, ARevokedKeyIsRefusedWithinASecondAndStaysSo) {
  Sandbox sandbox;
  const Key key = create(sandbox, {"--scope", "payment_link.read"});
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 200);
  const Ended revoked = keys(sandbox, {"revoke", key.id});
  EXPECT_EQ(revoked.status, 0) << revoked.err;
  EXPECT_TRUE(eventually([&] { return with(sandbox, key, "GET", links).status == 401; }, std::chrono::seconds(1)));
  EXPECT_EQ(keys(sandbox, {"revoke", key.id}).status, 1);
  EXPECT_EQ(sandbox.stop(), 0);
  sandbox.start();
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 401);
}

TEST(Keys, WithoutAServerTheSameIsDoneOnTheDirectory) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(sandbox.data_dir() + "/control.sock"));
  const Key key = create(sandbox, {"--scope", "payment_link.read"});
  sandbox.start();
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 200);
  EXPECT_EQ(sandbox.stop(), 0);
  const Ended listed = keys(sandbox, {"list", "-o", "json"});
  EXPECT_NE(at(listed.out, "/0/last_used_at"), "null") << listed.out;
  EXPECT_EQ(at(listed.out, "/1/name"), "first key") << listed.out;
  EXPECT_FALSE(has(listed.out, "plk_"));
  const std::string secret_end = key.authorization.substr(key.authorization.size() - 4);
  EXPECT_EQ(keys(sandbox, {"revoke", secret_end}).status, 0);
  EXPECT_EQ(at(keys(sandbox, {"list", "-o", "json"}).out, "/0/name"), "first key");
}

TEST(Keys, AnExpiredKeyIsRefused) {
  const Sandbox sandbox;
  const Key key = create(sandbox, {"--scope", "payment_link.read", "--expires-in", "1h"});
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 200);
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"1h"})").status, 200);
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 401);
  EXPECT_EQ(at(keys(sandbox, {"list", "-o", "json"}).out, "/1/status"), "expired");
}

// Its time and its keys are the sandbox's own while it is down too, whatever the environment says of another server.
TEST(Keys, AStoppedSandboxKeepsItsTimeAndItsKeys) {
  Sandbox sandbox;
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"48h"})").status, 200);
  EXPECT_EQ(sandbox.stop(), 0);
  const TempDir other;
  const std::string key_file = other.file("key");
  write_file(key_file, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  Words words{"keys", "create", "--name", "night", "--scope", "payment_link.read", "--expires-in", "1h"};
  words.insert(words.end(), sandbox.where().begin(), sandbox.where().end());
  const Ended ended = run(words, {"PAYLINK_KEY_FILE=" + key_file});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "Keep this: the secret key is shown only now.\n");
  EXPECT_TRUE(has(keys(sandbox, {"list"}).out, "NAME       STATUS")) << keys(sandbox, {"list"}).out;
  sandbox.start();
  const Key key{at(ended.out, "/id"), at(ended.out, "/login") + ":" + at(ended.out, "/secret_key")};
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 200);
  EXPECT_EQ(sandbox.post("/sandbox/clock", R"({"advance":"1h"})").status, 200);
  EXPECT_EQ(with(sandbox, key, "GET", links).status, 401);
}

TEST(Keys, SayWhatIsWrong) {
  const Sandbox sandbox;
  struct Case {
    const char* name;
    Words words;
    const char* sentence;
    int status = 2;
  };
  const Case cases[] = {
      {"scope",
       {"create", "--name", "a", "--scope", "all"},
       "There is no scope `all`. The scopes are payment_link.read"},
      {"no name", {"create", "--name", "", "--scope", "webhook"}, "paylink: --name must have"},
      {"name too long", {"create", "--name", repeated(65, "é"), "--scope", "webhook"}, "name"},
      {"past", {"create", "--name", "a", "--scope", "webhook", "--expires-at", "2020-01-01T00:00:00Z"}, "future"},
      {"duration", {"create", "--name", "a", "--scope", "webhook", "--expires-in", "soon"}, "--expires-in must be"},
      {"no duration", {"create", "--name", "a", "--scope", "webhook", "--expires-in", "1x"}, "--expires-in must be"},
      {"no time", {"create", "--name", "a", "--scope", "webhook", "--expires-at", "later"}, "--expires-at must be"},
      {"both",
       {"create", "--name", "a", "--scope", "webhook", "--expires-in", "1d", "--expires-at", "2090-01-01T00:00:00Z"},
       "Say either"},
      {"a long key", {"revoke", repeated(65, "z")}, "KEY must have"},
      {"organization", {"list", "--organization", "other"}, "There is no organization `other`.", 1},
      {"unknown key", {"revoke", "zzzz"}, "There is no API key `zzzz`", 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Ended ended = keys(sandbox, c.words);
    EXPECT_EQ(ended.status, c.status) << ended.err;
    EXPECT_TRUE(has(ended.err, c.sentence)) << ended.err;
  }
  EXPECT_EQ(keys(sandbox, {"create", "--name", repeated(64, "é"), "--scope", "webhook"}).status, 0);
}

TEST(Keys, NeedTheMasterKeyWhereNoServerHasIt) {
  const TempDir place;
  const Words where = {"--data-dir", place.file("data")};
  const auto with = [&](Words words) {
    words.insert(words.end(), where.begin(), where.end());
    return run(words);
  };
  const Ended made = with({"init", "--name", "Acme", "--slug", "acme", "--email", "owner@acme.example", "--iban",
                           "FR7716798000010000000000103", "--bic", "TRZOFR2X", "--key-file", place.file("key")});
  ASSERT_EQ(made.status, 0) << made.err;
  const Words create = {"keys", "create", "--name", "till", "--scope", "webhook"};
  const Ended refused = with(create);
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(has(refused.err, "--key-file")) << refused.err;
}

// An installation on PostgreSQL has a directory as well; none on SQLite is to be made beside it.
TEST(Keys, DoNotMakeADatabaseWhereThereIsNone) {
  const TempDir place;
  const Ended ended = run({"keys", "list", "--data-dir", place.file("")});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "Or is another --data-dir or --database meant?")) << ended.err;
  EXPECT_FALSE(std::filesystem::exists(place.file("paylink.db")));
}

// Whatever comes, from a terminal of another encoding or by mistake, the server goes on.
TEST(Keys, NothingThatIsSaidToItEndsTheServer) {
  Sandbox sandbox;
  const auto create_with = [&](const std::string& name) {
    return keys(sandbox, {"create", "--name", name, "--scope", "webhook"});
  };
  const auto refused = [&](const Ended& ended) {
    EXPECT_EQ(ended.status, 2);
    EXPECT_TRUE(ended.err.starts_with("paylink: ")) << ended.err;
    EXPECT_FALSE(has(ended.err, "not known")) << ended.err;
  };
  refused(create_with("caf\xE9"));
  for (const char* const line :
       {"[]", "{", "7", "{\"command\":7}", "{\"command\":\"keys list\",\"command\":\"x\"}", "\xFF"})
    EXPECT_TRUE(has(said_to_the_socket(sandbox.data_dir() + "/control.sock", line), "\"error\":")) << line;
  EXPECT_EQ(sandbox.get("/readyz").status, 200);
  EXPECT_EQ(create_with("café").status, 0);
  EXPECT_EQ(sandbox.stop(), 0);
  refused(create_with("caf\xE9"));
}

TEST(Keys, TheSocketIsPrivateAndAStaleOneIsReplaced) {
  Sandbox sandbox;
  const std::string path = sandbox.data_dir() + "/control.sock";
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  sandbox.process().signal(SIGKILL);
  sandbox.process().wait();
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(keys(sandbox, {"list"}).status, 0);
  sandbox.start();
  EXPECT_TRUE(has(keys(sandbox, {"list"}).out, "first key"));
}

}  // namespace
}  // namespace paylink::scenario
