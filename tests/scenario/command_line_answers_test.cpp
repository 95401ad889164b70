// `paylink links` against servers that answer what no good server does, and into outputs that are not there.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <sstream>

#include "answers.hpp"
#include "bodies.hpp"
#include "canned_server.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

Ended links(const CannedServer& server, Words words, const Words& environment = {}) {
  words.insert(words.begin(), "links");
  words.insert(words.end(), {"--base-url", server.url(), "--token", "t"});
  return run(words, environment);
}

// A line of sh with `place` as its directory, at most 20 s; its exit status. stdout and stderr are left in the files
// `out` and `err`.
int shell(const TempDir& place, const std::string& line) {
  const std::string file = place.file("line.sh");
  write_file(file, line + "\n");
  const int status =
      std::system(("cd " + place.path().string() + " && timeout 20 bash " + file + " >out 2>err").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(CommandLineAnswers, EndWithTheirCode) {
  const std::string error = R"({"errors":[{"code":"c","detail":"what happened"}],"trace_id":"trace-7"})";
  struct Case {
    const char* name;
    std::vector<std::string> answers;
    int status;
    std::size_t requests;
    std::string says;
  };
  const Case cases[] = {
      {"refused", {canned(400, error)}, 1, 1, "what happened"},
      {"its trace id", {canned(400, error)}, 1, 1, "(trace id trace-7)"},
      {"not authorized", {canned(401, error)}, 3, 1, "expired, revoked"},
      {"forbidden", {canned(403, error)}, 3, 1, "scope"},
      {"not found", {canned(404, error)}, 4, 1, "Check the id"},
      {"a bug", {canned(500, error)}, 5, 1, "the server's fault"},
      {"no JSON", {canned(200, "<html>")}, 5, 1, "no JSON"},
      {"nothing in it", {canned(200, "")}, 5, 1, "no JSON"},
      {"a redirect, which is not followed", {canned(302, "{}", {{"Location", "http://127.0.0.1:1/"}})}, 5, 1, "302"},
      {"half an answer", {canned(200, "{}").substr(0, 20)}, 5, 2, "broke off"},
      {"no HTTP", {"hello\r\n"}, 5, 2, "broke off"},
      {"silence", {""}, 5, 2, "broke off"},
      {"silence, then an answer", {"", canned(200, "{}")}, 0, 2, ""},
      {"limited, soon over", {canned(429, error, {{"Retry-After", "1"}}), canned(200, "{}")}, 0, 2, "wait 1 s"},
      {"limited for long", {canned(429, error, {{"Retry-After", "3600"}})}, 6, 1, "Try again later"},
      {"busy, and still busy", {canned(503, error, {{"Retry-After", "0"}})}, 6, 2, "Try again later"},
      {"a gateway that is busy", {canned(503, "<html>")}, 6, 1, "not available now"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const CannedServer server(c.answers);
    const Ended ended = links(server, {"get", "x"});
    EXPECT_EQ(ended.status, c.status) << ended.err;
    EXPECT_EQ(server.requests().size(), c.requests);
    EXPECT_NE(ended.err.find(c.says), std::string::npos) << ended.err;
  }
}

TEST(CommandLineAnswers, NeverEndTheProgram) {
  for (const std::string body : {"[]", "5", "null", R"({"payment_links":[1]})", R"({"payment_links":[{}],"meta":5})",
                                 R"({"payments":[[]],"meta":[]})"}) {
    for (const std::string output : {"table", "json", "yaml"}) {
      SCOPED_TRACE(body + " as " + output);
      const CannedServer server({canned(200, body)});
      EXPECT_EQ(links(server, {"list", "--all", "-o", output}).status, 0);
      EXPECT_EQ(server.requests().size(), 1U);
    }
  }
}

// One of the same API that knows no cursors ignores them, and answers by pages.
TEST(CommandLineAnswers, AreFollowedByNumberWhereThereAreNoCursors) {
  const auto page = [](const std::string& number, const std::string& next) {
    return canned(200, R"({"payment_links":[],"meta":{"current_page":)" + number + R"(,"next_page":)" + next +
                           R"(,"total_pages":3,"total_count":3}})");
  };
  const CannedServer server({page("1", "2"), page("2", "3"), page("3", "null")});
  const Ended ended = links(server, {"list", "--all", "--status", "open", "--per-page", "1"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  const std::string places[] = {"cursor=", "page=2", "page=3"};
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NE(requests[i].find("status%5B%5D=open&" + places[i] + "&per_page=1 "), std::string::npos) << requests[i];
}

// A list without an end is not walked for ever, and not taken for a whole one.
TEST(CommandLineAnswers, AreNotFollowedInACircle) {
  struct Case {
    const char* name;
    std::vector<std::string> metas;
  };
  const Case cases[] = {
      {"a page that comes after itself", {R"({"next_page":1})"}},
      {"numbers are ignored as well", {R"({"current_page":1,"next_page":2})", R"({"current_page":1,"next_page":2})"}},
      {"a cursor that leads to itself", {R"({"next_cursor":"a"})", R"({"next_cursor":"a"})"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<std::string> answers;
    for (const std::string& meta : c.metas)
      answers.push_back(canned(200, R"({"payment_links":[],"meta":)" + meta + "}"));
    const CannedServer server(answers);
    const Ended ended = links(server, {"list", "--all", "-o", "table"});
    EXPECT_EQ(ended.status, 5);
    EXPECT_NE(ended.err.find("may not be all of it"), std::string::npos) << ended.err;
    EXPECT_EQ(server.requests().size(), c.metas.size());
  }
}

TEST(CommandLineAnswers, AreAskedForAgainWithTheSameKey) {
  const CannedServer server({"", canned(201, "{}")});
  const Ended made = links(server, {"create", "--method", "ideal", "-v"});
  EXPECT_EQ(made.status, 0) << made.err;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  const std::string key = field_of(requests[0], "X-Qonto-Idempotency-Key");
  EXPECT_EQ(key.size(), 36U);
  EXPECT_EQ(field_of(requests[1], "X-Qonto-Idempotency-Key"), key);
  EXPECT_NE(made.err.find("(idempotency key " + key + ")"), std::string::npos) << made.err;
  EXPECT_EQ(made.err.find("Bearer"), std::string::npos);
  EXPECT_EQ(field_of(requests[0], "Authorization"), "Bearer t");

  const CannedServer silent({""});
  const Ended lost = links(silent, {"deactivate", "x", "--idempotency-key", "mine"});
  EXPECT_EQ(lost.status, 5);
  EXPECT_NE(lost.err.find("repeat the command with --idempotency-key mine"), std::string::npos) << lost.err;
}

TEST(CommandLineAnswers, AreWaitedForNoLongerThanAllowed) {
  // It listens, and never accepts.
  const CannedServer busy({""});
  const auto begun = std::chrono::steady_clock::now();
  const TempDir place;
  const std::string line =
      "/usr/bin/python3 -c \"import socket,subprocess,sys; s=socket.create_server(('127.0.0.1',0)); "
      "sys.exit(subprocess.call(['" +
      binary() + "','links','list','--timeout','0.3','--base-url','http://127.0.0.1:%d'%s.getsockname()[1]]))\"";
  EXPECT_EQ(shell(place, line), 5);
  EXPECT_NE(read_file(place.file("err")).find("did not answer within 0.3 s"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

// Everything that YAML could take for something else comes back from it as it was.
TEST(CommandLineAnswers, AreTheSameInYaml) {
  const std::string texts[] = {"yes",         "No",      "null",
                               "~",           "on",      "1",
                               "1.0",         "1e3",     "0x1F",
                               "0o7",         "1_000",   "12:30",
                               ".inf",        ".nan",    "2026-01-01",
                               "- a",         "a: b",    "a #b",
                               "#a",          "'",       "&a",
                               "*a",          "!a",      "%a",
                               "@a",          "`a",      "{a}",
                               "[a]",         "a,b",     "|",
                               ">",           "?",       ":",
                               "-",           "---",     "...",
                               "=",           "<<",      " a",
                               "a ",          "",        "a\\nb",
                               "\\n",         "\\t",     "\\\"",
                               "\\\\",        "\\u0007", "\\u0085",
                               "\\u2028",     "\\ufeff", "\\ud83d\\ude00",
                               "caf\xC3\xA9", "\\u009b"};
  std::string json = R"({"numbers":[0,-1,1.5,1e20,123456789012],"nested":[[],{},[[1]],{"a":{"b":[null,true,false]}}])";
  int number = 0;
  for (const std::string& text : texts) {
    json += ",\"" + text + "#" + std::to_string(number++) + "\":\"" + text + "\"";
    json += ",\"k" + std::to_string(number) + "\":[\"" + text + "\",{\"x\":\"" + text + "\"}]";
  }
  json += ",\"yes\":1,\"\":2,\"- a\":3}";
  const CannedServer server({canned(200, json)});
  const TempDir place;
  write_file(place.file("json"), json);
  const Ended yaml = links(server, {"get", "x", "-o", "yaml"});
  ASSERT_EQ(yaml.status, 0) << yaml.err;
  write_file(place.file("yaml"), yaml.out);
  EXPECT_EQ(shell(place,
                  "/usr/bin/python3 -c \"import json,sys,yaml; y=yaml.safe_load(open('yaml')); "
                  "j=json.load(open('json')); print(y); sys.exit(y != j)\""),
            0)
      << yaml.out << read_file(place.file("err"));
}

TEST(CommandLineAnswers, CannotTakeOverTheTerminal) {
  const std::string evil = R"(\u001b[2J\u001b]0;title\u0007\r\u009b\u202e)";
  const std::string link = R"({"id":"1","status":")" + evil + R"(","amount":{"value":")" + evil +
                           R"(","currency":"EUR"},"invoice_number":")" + evil + R"(","metadata":{")" + evil + R"(":")" +
                           evil + "\"}}";
  const CannedServer list({canned(200, R"({"payment_links":[)" + link + "]}")});
  const CannedServer one({canned(200, link)});
  const CannedServer refusal(
      {canned(400, R"({"errors":[{"code":"c","detail":")" + evil + R"("}],"trace_id":")" + evil + "\"}")});
  const auto is_clean = [](const std::string& text) {
    return text.find_first_of("\x1B\x07\r") == std::string::npos && text.find("\xC2\x9B") == std::string::npos &&
           text.find("\xE2\x80\xAE") == std::string::npos;
  };
  for (const Ended& ended : {links(list, {"list", "-o", "table"}), links(one, {"get", "1", "-o", "table"}),
                             links(one, {"get", "1", "-o", "yaml"}), links(refusal, {"get", "1", "-o", "table"})}) {
    EXPECT_TRUE(is_clean(ended.out)) << ended.out;
    EXPECT_TRUE(is_clean(ended.err)) << ended.err;
    EXPECT_FALSE((ended.out + ended.err).empty());
  }
}

TEST(CommandLineAnswers, FitATerminal) {
  const std::string link = R"({"id":"01990000-0000-7000-8000-000000000001","status":"open","amount":{"value":"13.30",)"
                           R"("currency":"EUR"},"expiration_date":"2027-01-01T00:00:00Z","items":[{"title":"A very )"
                           R"(long title that goes on \u65e5\u672c\u8a9e"}]})";
  const CannedServer server({canned(200, R"({"payment_links":[)" + link + R"(],"meta":{"total_count":1}})")});
  const TempDir place;
  const std::string command = binary() + " links list --base-url " + server.url() + " --token t";
  // `script` gives the command a terminal, so that it is a table without being asked for one.
  ASSERT_EQ(shell(place, "COLUMNS=80 script -qec '" + command + "' /dev/null </dev/null"), 0);
  std::istringstream lines(read_file(place.file("out")));
  std::string head, row;
  std::getline(lines, head);
  std::getline(lines, row);
  EXPECT_EQ(head, "ID                                    STATUS  AMOUNT     FOR\r");
  EXPECT_EQ(row, "01990000-0000-7000-8000-000000000001  open    13.30 EUR  A very long title that…\r");
  // Into a pipe it is what the server sent.
  ASSERT_EQ(shell(place, command + " | cat"), 0);
  EXPECT_EQ(at(read_file(place.file("out")), "/payment_links/0/status"), "open");
}

TEST(CommandLineAnswers, AreNotLostInSilence) {
  const CannedServer server({canned(200, R"({"meta":{"next_page":2}})"), canned(200, R"({"meta":{"next_page":3}})"),
                             canned(200, R"({"meta":{"next_page":4}})"), canned(200, "{}")});
  const TempDir place;
  EXPECT_EQ(shell(place, binary() + " links list --all --base-url " + server.url() + " >/dev/full"), 5);
  EXPECT_NE(read_file(place.file("err")).find("could not be written"), std::string::npos);
  EXPECT_EQ(server.requests().size(), 1U);  // and no page more is asked for
}

// A certificate that nobody vouches for ends the connection before anything is said.
TEST(CommandLineAnswers, AreOnlyTakenFromACertifiedServer) {
  const TempDir place;
  const std::string port = std::to_string(free_port());
  const std::string line =
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost "
      "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null\n"
      "timeout 15 openssl s_server -accept 127.0.0.1:" +
      port +
      " -cert cert.pem -key key.pem -quiet >heard 2>&1 &\n"
      "server=$!\n"
      "for ((i = 0; i < 100; ++i)); do (exec 3<>/dev/tcp/127.0.0.1/" +
      port + ") 2>/dev/null && break; sleep 0.05; done\n" + binary() +
      " links list --timeout 3 --token secret-token --base-url https://127.0.0.1:" + port +
      "\n"
      "code=$?\nkill $server\nwait $server 2>/dev/null\nexit $code";
  EXPECT_EQ(shell(place, line), 5);
  EXPECT_NE(read_file(place.file("err")).find("certificate"), std::string::npos) << read_file(place.file("err"));
  EXPECT_EQ(read_file(place.file("heard")).find("secret-token"), std::string::npos);
}

}  // namespace
}  // namespace paylink::scenario
