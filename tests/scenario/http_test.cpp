// What the server says of requests that never reach an endpoint, and how it speaks HTTP/1.1.

#include <gtest/gtest.h>

#include "answers.hpp"
#include "bodies.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";

class Http : public testing::Test {
 protected:
  static void SetUpTestSuite() { sandbox = std::make_unique<Sandbox>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(sandbox->stop(), 0) << sandbox->process().err();
    sandbox.reset();
  }
  static std::unique_ptr<Sandbox> sandbox;
};
std::unique_ptr<Sandbox> Http::sandbox;

TEST_F(Http, PathsMethodsAndTypes) {
  const auto typed = [](const char* name, const std::string& type, int status) {
    return Scenario{.name = name,
                    .method = "POST",
                    .target = links,
                    .fields = {{"Content-Type", type}},
                    .body = body(basket),
                    .status = status,
                    .errors = status == 415 ? "unsupported_media_type\n" : ""};
  };
  const std::string some_link = links + "/00000000-0000-7000-8000-000000000000";
  play(*sandbox, {
                     {.name = "live", .target = "/livez", .status = 200},
                     {.name = "ready", .target = "/readyz", .status = 200},
                     {.name = "no such path", .target = "/v2/nothing", .status = 404, .errors = "not_found\n"},
                     {.name = "no such path to post to",
                      .method = "POST",
                      .target = "/v2/nothing/at/all",
                      .status = 404,
                      .errors = "not_found\n"},
                     {.name = "a slash too many", .method = "POST", .target = links + "/", .status = 404},
                     {.name = "PUT",
                      .method = "PUT",
                      .target = links,
                      .status = 405,
                      .errors = "method_not_allowed\n",
                      .answer_fields = {{"Allow", "POST, GET, HEAD"}}},
                     {.name = "DELETE of a link",
                      .method = "DELETE",
                      .target = some_link,
                      .status = 405,
                      .answer_fields = {{"Allow", "GET, HEAD"}}},
                     {.name = "a method nobody knows", .method = "BREW", .target = links, .status = 405},
                     typed("JSON with a charset", "application/json; charset=utf-8", 201),
                     typed("JSON in other letters", "Application/JSON", 201),
                     typed("form", "application/x-www-form-urlencoded", 415),
                     typed("text", "text/plain", 415),
                     typed("like JSON", "application/json5", 415),
                     {.name = "the sandbox takes JSON only",
                      .method = "POST",
                      .target = "/sandbox/clock",
                      .fields = {{"Content-Type", "text/plain"}},
                      .body = R"({"advance":"1s"})",
                      .status = 415},
                     {.name = "a query is ignored",
                      .method = "POST",
                      .target = links + "?x=%zz",
                      .body = body(basket),
                      .status = 201},
                 });
  // A client that says no type means JSON.
  const Message untyped{
      .method = "POST", .target = links, .fields = {{"Authorization", sandbox->bearer()}}, .body = body(basket)};
  EXPECT_EQ(exchange(sandbox->port(), untyped).status, 201);
}

// Of one segment are the pay pages' addresses; what no link can look like is no page for a payer.
TEST_F(Http, AddressesThatAreNoPayPage) {
  const std::string nowhere = "There is nothing at this address.", page = "Page not found", json = "application/json",
                    html = "text/html; charset=utf-8", id = "019aafd0-1111-7a2b-9c3d-5e6f708192a3";
  const auto program = [&](const char* name, const std::string& target, const std::string& method = "GET") {
    return Scenario{.name = name,
                    .method = method,
                    .target = target,
                    .status = 404,
                    .errors = "not_found\n",
                    .says = {nowhere},
                    .answer_fields = {{"Content-Type", json}}};
  };
  const auto payer = [&](const char* name, const std::string& target) {
    return Scenario{
        .name = name, .target = target, .status = 404, .says = {page}, .answer_fields = {{"Content-Type", html}}};
  };
  const auto browser = [&](const char* name, const std::string& target) {
    Scenario scenario = payer(name, target);
    scenario.fields = {{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}};
    return scenario;
  };
  play(*sandbox, {
                     program("the API's root", "/v2"),
                     program("the API's root with a slash", "/v2/"),
                     program("another server's health", "/healthz"),
                     program("an icon", "/favicon.ico"),
                     program("robots", "/robots.txt"),
                     program("short letters of an id", "/cafe"),
                     program("a query of somebody else's", "/metrics?page=2"),
                     program("nothing to post to", "/v2", "POST"),
                     payer("an organization", "/" + id),
                     payer("in capitals", "/019AAFD0-1111-7A2B-9C3D-5E6F708192A3"),
                     payer("cut off", "/019aafd0-1111-7a2b"),
                     payer("a damaged organization with a link's query", "/x?resource_id=" + id),
                     payer("an attempt", "/a/x"),
                     browser("an organization with a point behind it", "/" + id + "."),
                     browser("a query taken for a path", "/" + id + "%3Fresource_id%3D" + id),
                     browser("no address of ours", "/v2"),
                     {.name = "the reference with a slash",
                      .target = "/docs/",
                      .status = 308,
                      .exact = "",
                      .answer_fields = {{"Location", "/docs"}}},
                 });
}

TEST_F(Http, TheFrontDoor) {
  const std::string json = "application/json", vary = "Accept, Accept-Language";
  const Scenario for_programs{.name = "",
                              .target = "/",
                              .status = 200,
                              .values = {{"/reference", "/docs"}, {"/openapi", "/openapi.json"}},
                              .answer_fields = {{"Content-Type", json}, {"Vary", vary}}};
  for (const char* accept : {"*/*", "application/json", "application/json, */*;q=0.5"}) {
    SCOPED_TRACE(accept);
    Scenario scenario = for_programs;
    scenario.fields = {{"Accept", accept}};
    play(*sandbox, {scenario});
  }
  const Answer seen =
      exchange(sandbox->port(), {.target = "/", .fields = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}});
  check(seen, {.status = 200,
               .says = {"Have you been sent a payment link?", "href=\"/docs\"", "href=\"/openapi.yaml\""},
               .answer_fields = {{"Content-Type", "text/html; charset=utf-8"}, {"Vary", vary}}});
}

TEST_F(Http, HeadIsGetWithoutABody) {
  Connection connection(sandbox->port());
  for (const char* method : {"HEAD", "GET"}) {
    connection.send(wire({.method = method, .target = "/livez"}, sandbox->port()));
    const auto answer = connection.receive(method == std::string("HEAD") ? BodyOf::head : BodyOf::get);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->field("Content-Length"), "17");
  }
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(at(sandbox->post(links, body(basket)).body, "/payment_link/id"));
  std::string requests;
  for (int i = 0; i < 50; ++i)
    requests += wire({.target = links + "/" + ids[static_cast<std::size_t>(i) % ids.size()],
                      .fields = {{"Authorization", sandbox->bearer()}}},
                     sandbox->port());
  Connection connection(sandbox->port());
  connection.send(requests);
  for (int i = 0; i < 50; ++i) {
    const auto answer = connection.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(at(answer->body, "/id"), ids[static_cast<std::size_t>(i) % ids.size()]);
  }
}

TEST_F(Http, BodiesInChunksAndAfterAPromise) {
  const std::string whole = body(basket), first = whole.substr(0, 10), second = whole.substr(10);
  char size[20];
  std::snprintf(size, sizeof size, "%zx", second.size());
  const Fields fields{{"Authorization", sandbox->bearer()}, {"Transfer-Encoding", "chunked"}};
  const std::string chunks = "a\r\n" + first + "\r\n" + size + ";note=1\r\n" + second + "\r\n0\r\n\r\n";
  Connection connection(sandbox->port());
  connection.send(wire({.method = "POST", .target = links, .fields = fields, .body = chunks}, sandbox->port()));
  const auto in_chunks = connection.receive();
  ASSERT_TRUE(in_chunks);
  EXPECT_EQ(in_chunks->status, 201) << in_chunks->body;

  const Fields promise{{"Authorization", sandbox->bearer()},
                       {"Expect", "100-continue"},
                       {"Content-Length", std::to_string(whole.size())}};
  connection.send(wire({.method = "POST", .target = links, .fields = promise}, sandbox->port()));
  connection.send(whole);
  const auto promised = connection.receive();
  ASSERT_TRUE(promised);
  EXPECT_EQ(promised->status, 201);
}

TEST_F(Http, WhatIsAmbiguousIsRefusedAndTheConnectionCloses) {
  struct Case {
    const char* name;
    std::string bytes;
    int status;
  };
  const std::string start = "POST /v2/payment_links HTTP/1.1\r\nHost: a\r\n";
  const Case cases[] = {
      {"no host", "GET /livez HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"length and chunks", start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two lengths", start + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400},
      {"bare line feeds", "GET /livez HTTP/1.1\nHost: a\n\n", 400},
      {"a space before the colon", "GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"nonsense", "\x16\x03\x01\x02", 400},
      {"gzip", start + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"long head", "GET /livez HTTP/1.1\r\nHost: a\r\nX: " + repeated(16 * 1024, "x") + "\r\n\r\n", 431},
      {"101 fields", "GET /livez HTTP/1.1\r\nHost: a\r\n" + repeated(100, "X: y\r\n") + "\r\n", 431},
      {"long body", start + "Content-Length: 262145\r\n\r\n", 413},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Connection connection(sandbox->port());
    connection.send(c.bytes);
    const auto answer = connection.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, c.status);
    EXPECT_EQ(answer->field("Connection"), "close");
    EXPECT_EQ(at(answer->body, "/trace_id"), answer->field("X-Trace-Id"));
    EXPECT_TRUE(connection.is_closed_by_peer());
  }
  EXPECT_EQ(sandbox->get("/livez").status, 200);
}

TEST_F(Http, TheTraceIdIsInTheAnswerAndInTheLog) {
  const Answer answer = sandbox->post(links, "{}");
  const std::string trace = answer.field("X-Trace-Id");
  EXPECT_EQ(trace.size(), 32U);
  EXPECT_EQ(at(answer.body, "/trace_id"), trace);
  std::string line;
  EXPECT_TRUE(eventually([&] {
    const std::string log = sandbox->process().err();
    const std::size_t found = log.find(trace);
    if (found == std::string::npos || log.find('\n', found) == std::string::npos) return false;
    const std::size_t begin = log.rfind('\n', found) + 1;
    line = log.substr(begin, log.find('\n', begin) - begin);
    return true;
  }));
  EXPECT_EQ(at(line, "/trace_id"), trace);
  EXPECT_EQ(at(line, "/method"), "POST");
  EXPECT_EQ(at(line, "/path"), links);
  EXPECT_EQ(at(line, "/status"), "400");
  EXPECT_NE(sandbox->get("/livez").field("X-Trace-Id"), trace);
}

TEST_F(Http, NothingSecretIsLogged) {
  const Answer created = sandbox->post(links, body(basket));
  const std::string url = at(created.body, "/payment_link/url"), secret = url.substr(url.find("resource_id=") + 12);
  EXPECT_EQ(sandbox->get(url.substr(url.find('/', 8))).status, 200);
  sandbox->get("/livez");
  const std::string log = sandbox->process().err();
  for (const std::string& word : {sandbox->ready("/access_token"), sandbox->ready("/api_key/secret_key"), secret})
    EXPECT_EQ(log.find(word), std::string::npos) << word;
}

TEST(PublicUrl, IsTheOnlyHostThatIsServed) {
  for (const char* url : {"https://pay.example.com/", "https://pay.example.com:443"}) {
    const Sandbox usual({"--public-url", url});
    EXPECT_EQ(exchange(usual.port(), {.target = "/openapi.yaml", .fields = {{"Host", "pay.example.com"}}}).status, 200)
        << url;
  }
  const Sandbox sandbox({"--public-url", "https://pay.example.com/"});
  const auto asked = [&](const std::string& host) {
    return exchange(sandbox.port(), {.target = "/openapi.yaml", .fields = {{"Host", host}}}).status;
  };
  EXPECT_EQ(asked("pay.example.com"), 200);
  EXPECT_EQ(asked("PAY.example.com"), 200);
  EXPECT_EQ(asked("pay.example.com:443"), 200);
  for (const char* host : {"evil.example.com", "pay.example.com.evil", "pay.example.com:8443", "127.0.0.1"}) {
    SCOPED_TRACE(host);
    EXPECT_EQ(asked(host), 421);
    // Whoever watches over the server knows it by its address alone.
    EXPECT_EQ(exchange(sandbox.port(), {.target = "/readyz", .fields = {{"Host", host}}}).status, 200);
  }
  const Answer created =
      exchange(sandbox.port(), {.method = "POST",
                                .target = links,
                                .fields = {{"Host", "pay.example.com"}, {"Authorization", sandbox.bearer()}},
                                .body = body(basket)});
  EXPECT_EQ(created.status, 201);
  EXPECT_TRUE(at(created.body, "/payment_link/url").starts_with("https://pay.example.com/"));
  EXPECT_EQ(sandbox.ready("/base_url"), "https://pay.example.com");
}

}  // namespace
}  // namespace paylink::scenario
