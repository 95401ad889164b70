#include <gtest/gtest.h>

#include "http/test_peer.hpp"

// What is served, and what is refused as ambiguous (RFC 9112), over real sockets: bytes in, answers and the fate of the
// connection out. Each case is sent in one piece and again byte by byte, and must be heard in the same way.

namespace paylink::http {
namespace {

enum class Fate : std::uint8_t { kept, closed };

struct Case {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;
  Fate fate;
  std::string first_body = {};  // empty: any
};

// After all answers that are due: silence that means "kept", and that there are no more of them.
constexpr milliseconds silence{30};

void expect_heard(const Case& c, const TestServer& server, bool in_pieces) {
  SCOPED_TRACE(c.name + (in_pieces ? ", byte by byte" : ", at once"));
  const TestSocket socket(server.port());
  if (in_pieces) {
    for (const char byte : c.bytes)
      if (!socket.send({&byte, 1})) break;
  } else {
    socket.send(c.bytes);
  }
  const bool closes = c.fate == Fate::closed;
  const auto due =
      socket.hear(patience, [&](const std::string& bytes) { return parse_answers(bytes).size() >= c.statuses.size(); });
  auto heard = socket.hear(closes ? patience : silence);
  heard.bytes.insert(0, due.bytes);
  if (due.end != TestSocket::End::kept) heard.end = due.end;
  std::vector<int> statuses;
  const auto answers = parse_answers(heard.bytes);
  for (const Answer& answer : answers) {
    statuses.push_back(answer.status);
    EXPECT_EQ(answer.field("X-Trace-Id").size(), 32U);
  }
  EXPECT_EQ(statuses, c.statuses) << heard.bytes;
  EXPECT_EQ(heard.end != TestSocket::End::kept, closes);
  // A reset may take the answer with it.
  EXPECT_NE(heard.end, TestSocket::End::reset);
  if (answers.empty()) return;
  EXPECT_EQ(answers.back().field("Connection"), closes ? "close" : "");
  if (!c.first_body.empty()) {
    EXPECT_EQ(answers.front().body, c.first_body);
  }
}

void expect_all(const std::vector<Case>& cases, const Options& options = {}) {
  TestServer server(options);
  for (const Case& c : cases) {
    expect_heard(c, server, false);
    if (c.bytes.size() < 2'000) expect_heard(c, server, true);
  }
}

std::string get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a.example\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields, std::string_view rest = "") {
  return "POST /p HTTP/1.1\r\nHost: a.example\r\n" + std::string(fields) + "\r\n" + std::string(rest);
}
const std::string next_get = "GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n";

constexpr auto kept = Fate::kept;
constexpr auto closed = Fate::closed;

TEST(Framing, ServesWhatIsWellFormed) {
  expect_all({
      {"plain", get("/a?b=c"), {200}, kept, "GET /a?b=c||127.0.0.1"},
      {"nothing", "", {}, kept},
      {"half a head", "GET / HTTP/1.1\r\nHost: a", {}, kept},
      {"two in a row", get("/1") + get("/2"), {200, 200}, kept, "GET /1||127.0.0.1"},
      {"three, the last incomplete", get("/1") + get("/2") + "GET /3 HTTP/1.1\r\n", {200, 200}, kept},
      {"counted body", post("Content-Length: 3\r\n", "abc"), {200}, kept, "POST /p|abc|127.0.0.1"},
      {"counted body, then another", post("Content-Length: 3\r\n", "abc") + next_get, {200, 200}, kept},
      {"length of zero", post("Content-Length: 0\r\n") + next_get, {200, 200}, kept, "POST /p||127.0.0.1"},
      {"length with leading zeros", post("Content-Length: 003\r\n", "abc"), {200}, kept, "POST /p|abc|127.0.0.1"},
      {"post without a body", post("") + next_get, {200, 200}, kept, "POST /p||127.0.0.1"},
      {"body on GET", get("/", "Content-Length: 2\r\n") + "hi" + next_get, {200, 200}, kept, "GET /|hi|127.0.0.1"},
      {"incomplete body", post("Content-Length: 3\r\n", "ab"), {}, kept},
      {"close is honoured", get("/", "Connection: close\r\n") + next_get, {200}, closed},
      {"close in any case and list", get("/", "Connection: foo, CLOSE\r\n") + next_get, {200}, closed},
      {"keep-alive", get("/", "Connection: keep-alive\r\n") + next_get, {200, 200}, kept},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a.example\r\n\r\n" + next_get, {200}, closed},
      {"HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n", {200}, closed},
      {"fields in any case", "GET / HTTP/1.1\r\nhOsT: a.example\r\n\r\n", {200}, kept},
      {"white space around a value", "GET / HTTP/1.1\r\nHost: \t a.example \t\r\n\r\n", {200}, kept},
      {"no white space before a value", "GET / HTTP/1.1\r\nHost:a.example\r\n\r\n", {200}, kept},
      {"empty value", get("/", "X-Empty:\r\n"), {200}, kept},
      {"bytes beyond ASCII in a value", get("/", "X: caf\xC3\xA9\r\n"), {200}, kept},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a.example\r\n\r\n", {200}, kept, "OTHER /||127.0.0.1"},
      {"TRACE is for the handler", "TRACE / HTTP/1.1\r\nHost: a.example\r\n\r\n", {200}, kept, "OTHER /||127.0.0.1"},
      {"method in lower case is another",
       "get / HTTP/1.1\r\nHost: a.example\r\n\r\n",
       {200},
       kept,
       "OTHER /||127.0.0.1"},
      {"no content has no length", get("/204") + next_get, {204, 200}, kept},
      {"brackets in a query", get("/a?status[]=open"), {200}, kept},
  });
}

TEST(Framing, ServesChunkedBodies) {
  const std::string te = "Transfer-Encoding: chunked\r\n";
  expect_all({
      {"one chunk", post(te, "3\r\nabc\r\n0\r\n\r\n"), {200}, kept, "POST /p|abc|127.0.0.1"},
      {"several chunks",
       post(te, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") + next_get,
       {200, 200},
       kept,
       "POST /p|abcde|127.0.0.1"},
      {"empty", post(te, "0\r\n\r\n") + next_get, {200, 200}, kept, "POST /p||127.0.0.1"},
      {"upper-case size", post(te, "A\r\n0123456789\r\n0\r\n\r\n"), {200}, kept, "POST /p|0123456789|127.0.0.1"},
      {"leading zeros", post(te, "0003\r\nabc\r\n000\r\n\r\n"), {200}, kept, "POST /p|abc|127.0.0.1"},
      {"coding in any case", post("Transfer-Encoding: Chunked\r\n", "1\r\na\r\n0\r\n\r\n"), {200}, kept},
      {"extension", post(te, "3;a=\"b\"\r\nabc\r\n0;c\r\n\r\n"), {200}, kept, "POST /p|abc|127.0.0.1"},
      {"trailers are ignored", post(te, "1\r\na\r\n0\r\nHost: b\r\nX: y\r\n\r\n") + next_get, {200, 200}, kept},
      {"data that looks like framing", post(te, "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n"), {200}, kept},
      {"incomplete", post(te, "3\r\nab"), {}, kept},
      {"no size", post(te, "\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size with a sign", post(te, "+3\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size with a minus", post(te, "-3\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size with 0x", post(te, "0x3\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size with an underscore", post(te, "1_0\r\n"), {400}, closed},
      {"space before the size", post(te, " 3\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"space after the size", post(te, "3 \r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size of 17 digits", post(te, "00000000000000003\r\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"size that overflows", post(te, "fffffffffffffffff\r\n"), {413}, closed},
      {"bare LF after the size", post(te, "3\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"bare CR after the size", post(te, "3\rabc\r\n0\r\n\r\n"), {400}, closed},
      {"data too long", post(te, "3\r\nabcd\r\n0\r\n\r\n"), {400}, closed},
      {"bare LF after data", post(te, "3\r\nabc\n0\r\n\r\n"), {400}, closed},
      {"bare CR after data", post(te, "3\r\nabc\r0\r\n\r\n"), {400}, closed},
      {"bare LF in an extension", post(te, "3;a\nabc\r\n0\r\n\r\n"), {400}, closed},
      {"bare CR in an extension", post(te, std::string("3;a\rb\r\nabc\r\n0\r\n\r\n")), {400}, closed},
      {"NUL in an extension", post(te, std::string("3;\0\r\nabc", 9)), {400}, closed},
      {"bare LF after the last chunk", post(te, "0\r\n\n"), {400}, closed},
      {"trailer without a colon", post(te, "0\r\nfoo\r\n\r\n"), {400}, closed},
      {"trailer with space before the colon", post(te, "0\r\nfoo : b\r\n\r\n"), {400}, closed},
      {"folded trailer", post(te, "0\r\nfoo: b\r\n c\r\n\r\n"), {400}, closed},
      {"endless extensions", post(te, "1;" + std::string(5'000, 'e')), {400}, closed},
      {"endless trailers", post(te, "0\r\nX: " + std::string(5'000, 'e')), {431}, closed},
  });
}

TEST(Framing, RefusesAmbiguousBodies) {
  const std::string chunked = "0\r\n\r\n";
  expect_all({
      {"CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked) + next_get, {400}, closed},
      {"TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked) + next_get, {400}, closed},
      {"CL of zero and TE", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", chunked), {400}, closed},
      {"two different CLs", post("Content-Length: 3\r\nContent-Length: 5\r\n", "abcde"), {400}, closed},
      {"the same CL twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), {400}, closed},
      {"list of CLs", post("Content-Length: 3, 3\r\n", "abc"), {400}, closed},
      {"CL with a plus", post("Content-Length: +3\r\n", "abc"), {400}, closed},
      {"CL with a minus", post("Content-Length: -3\r\n", "abc"), {400}, closed},
      {"CL of minus zero", post("Content-Length: -0\r\n"), {400}, closed},
      {"CL in hexadecimal", post("Content-Length: 0x3\r\n", "abc"), {400}, closed},
      {"CL with a fraction", post("Content-Length: 3.0\r\n", "abc"), {400}, closed},
      {"CL with space inside", post("Content-Length: 1 0\r\n", "abc"), {400}, closed},
      {"CL with a comma at the end", post("Content-Length: 3,\r\n", "abc"), {400}, closed},
      {"empty CL", post("Content-Length:\r\n", "abc"), {400}, closed},
      {"CL that overflows", post("Content-Length: 18446744073709551619\r\n", "abc"), {400}, closed},
      {"CL in words", post("Content-Length: three\r\n", "abc"), {400}, closed},
      {"TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked), {400}, closed},
      {"TE chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", chunked), {400}, closed},
      {"TE gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", chunked), {400}, closed},
      {"TE chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", chunked), {400}, closed},
      {"TE chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", chunked), {400}, closed},
      {"TE chunked and gzip in two fields",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"),
       {400},
       closed},
      {"TE xchunked", post("Transfer-Encoding: xchunked\r\n", chunked), {400}, closed},
      {"TE quoted", post("Transfer-Encoding: \"chunked\"\r\n", chunked), {400}, closed},
      {"TE with a parameter", post("Transfer-Encoding: chunked;a=b\r\n", chunked), {400}, closed},
      {"TE with a comma at the end", post("Transfer-Encoding: chunked,\r\n", chunked), {400}, closed},
      {"TE after a vertical tab", post("Transfer-Encoding: \vchunked\r\n", chunked), {400}, closed},
      {"empty TE", post("Transfer-Encoding:\r\n", chunked), {400}, closed},
      {"TE with space before the colon", post("Transfer-Encoding : chunked\r\n", chunked), {400}, closed},
      {"TE in a folded line", post("X: y\r\n Transfer-Encoding: chunked\r\n", chunked), {400}, closed},
      {"TE folded", post("Transfer-Encoding:\r\n chunked\r\n", chunked), {400}, closed},
      {"TE unknown", post("Transfer-Encoding: gzip\r\n"), {501}, closed},
      {"TE identity", post("Transfer-Encoding: identity\r\n"), {501}, closed},
      {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}, closed},
  });
}

TEST(Framing, RefusesMalformedHeads) {
  using namespace std::string_literals;
  expect_all({
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", {400}, closed},
      {"bare LFs", "GET / HTTP/1.1\nHost: a\n\n", {400}, closed},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", {400}, closed},
      {"bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"bare CR in a field", get("/", "X: a\rb\r\n"), {400}, closed},
      {"CR CR LF", get("/", "X: a\r\r\n"), {400}, closed},
      {"CRs only", "GET / HTTP/1.1\rHost: a\r\r\n\r\n", {400}, closed},
      {"empty line first", "\r\n" + get("/"), {400}, closed},
      {"empty line between", get("/") + "\r\n" + next_get, {200, 400}, closed},
      {"folded field", get("/", "X: a\r\n b\r\n"), {400}, closed},
      {"folded with a tab", get("/", "X: a\r\n\tb\r\n"), {400}, closed},
      {"folded empty value", get("/", "X:\r\n b\r\n"), {400}, closed},
      {"white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", {400}, closed},
      {"space before the colon", get("/", "X : a\r\n"), {400}, closed},
      {"tab before the colon", get("/", "X\t: a\r\n"), {400}, closed},
      {"no colon", get("/", "X\r\n"), {400}, closed},
      {"no name", get("/", ": a\r\n"), {400}, closed},
      {"name with a space", get("/", "X Y: a\r\n"), {400}, closed},
      {"name with a slash", get("/", "X/Y: a\r\n"), {400}, closed},
      {"name beyond ASCII", get("/", "caf\xC3\xA9: a\r\n"), {400}, closed},
      {"NUL in a name", get("/", "X\0Y: a\r\n"s), {400}, closed},
      {"NUL in a value", get("/", "X: a\0b\r\n"s), {400}, closed},
      {"control byte in a value", get("/", "X: a\x01\x62\r\n"), {400}, closed},
      {"vertical tab in a value", get("/", "X: a\vb\r\n"), {400}, closed},
      {"DEL in a value", get("/", "X: a\x7F\r\n"), {400}, closed},
      {"two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"tab after the method", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", {400}, closed},
      {"space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"method with a colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"no version", "GET /\r\nHost: a\r\n\r\n", {400}, closed},
      {"HTTP/0.9", "GET /\r\n\r\n", {400}, closed},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", {400}, closed},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", {400}, closed},
      {"HTTP/01.1", "GET / HTTP/01.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", {400}, closed},
      {"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"another protocol", "GET / ICAP/1.1\r\nHost: a\r\n\r\n", {400}, closed},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}, closed},
      {"upgrade to h2c, ignored", get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), {200}, kept},
      {"upgrade to websocket, ignored", get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), {200}, kept},
      {"TLS hello", "\x16\x03\x01\x02\x00\x01"s, {400}, closed},
      {"broken Connection", get("/", "Connection: ,@\r\n"), {400}, closed},
      {"unknown expectation", post("Expect: 200-ok\r\nContent-Length: 1\r\n", "a"), {417}, closed},
  });
}

TEST(Framing, RefusesOddTargets) {
  using namespace std::string_literals;
  const std::string rest = " HTTP/1.1\r\nHost: a.example\r\n\r\n";
  expect_all({
      {"relative", "GET a" + rest, {400}, closed},
      {"asterisk", "OPTIONS *" + rest, {400}, closed},
      {"authority", "CONNECT a.example:443" + rest, {400}, closed},
      {"fragment", "GET /a#b" + rest, {400}, closed},
      {"NUL", "GET /a\0b"s + rest, {400}, closed},
      {"control byte", "GET /a\x01" + rest, {400}, closed},
      {"DEL", "GET /a\x7F" + rest, {400}, closed},
      {"beyond ASCII", "GET /caf\xC3\xA9" + rest, {400}, closed},
      {"absolute form", "GET http://a.example/b?c" + rest, {200}, kept, "GET /b?c||127.0.0.1"},
      {"absolute form in other case", "GET HTTP://A.example/b" + rest, {200}, kept, "GET /b||127.0.0.1"},
      {"absolute form by https", "GET https://a.example/b" + rest, {200}, kept, "GET /b||127.0.0.1"},
      {"absolute form without a path", "GET http://a.example" + rest, {200}, kept, "GET /||127.0.0.1"},
      {"absolute form of another host", "GET http://b.example/" + rest, {400}, closed},
      {"absolute form of another port", "GET http://a.example:81/" + rest, {400}, closed},
      {"absolute form with a user", "GET http://u@a.example/" + rest, {400}, closed},
      {"absolute form with a query alone", "GET http://a.example?b" + rest, {400}, closed},
      {"another scheme", "GET ftp://a.example/" + rest, {400}, closed},
  });
}

TEST(Framing, WantsOneHost) {
  const auto with_host = [](std::string_view fields) { return "GET / HTTP/1.1\r\n" + std::string(fields) + "\r\n"; };
  expect_all({
      {"none", with_host(""), {400}, closed},
      {"none in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", {400}, closed},
      {"two", with_host("Host: a\r\nHost: b\r\n"), {400}, closed},
      {"the same twice", with_host("Host: a\r\nHost: a\r\n"), {400}, closed},
      {"two in different case", with_host("Host: a\r\nhost: a\r\n"), {400}, closed},
      {"empty", with_host("Host:\r\n"), {400}, closed},
      {"list", with_host("Host: a, b\r\n"), {400}, closed},
      {"with a user", with_host("Host: u@a\r\n"), {400}, closed},
      {"with a path", with_host("Host: a/b\r\n"), {400}, closed},
      {"with a space", with_host("Host: a b\r\n"), {400}, closed},
      {"with a port in words", with_host("Host: a:b\r\n"), {400}, closed},
      {"with an empty port", with_host("Host: a:\r\n"), {400}, closed},
      {"with two ports", with_host("Host: a:1:2\r\n"), {400}, closed},
      {"port alone", with_host("Host: :80\r\n"), {400}, closed},
      {"broken IPv6", with_host("Host: [::1\r\n"), {400}, closed},
      {"IPv6", with_host("Host: [::1]:8080\r\n"), {200}, kept},
      {"IPv4 and port", with_host("Host: 127.0.0.1:8080\r\n"), {200}, kept},
  });
}

TEST(Framing, ServesAllowedHostsOnly) {
  const auto with_host = [](std::string_view host) {
    return "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
  };
  Options options;
  options.allowed_hosts = {"pay.example", "pay.example:8443"};
  options.any_host_paths = {"/readyz"};
  expect_all(
      {
          {"listed", with_host("pay.example"), {200}, kept},
          {"in other case", with_host("PAY.example"), {200}, kept},
          {"with a listed port", with_host("pay.example:8443"), {200}, kept},
          {"with a default port", with_host("pay.example:443"), {200}, kept},
          {"with another port", with_host("pay.example:444"), {421}, closed},
          {"another host", with_host("evil.example"), {421}, closed},
          {"longer", with_host("pay.example.evil.example"), {421}, closed},
          {"another host, for all", "GET /readyz?full HTTP/1.1\r\nHost: 10.0.0.7:8080\r\n\r\n", {200}, kept},
          {"another host, only alike", "GET /readyz/ HTTP/1.1\r\nHost: 10.0.0.7:8080\r\n\r\n", {421}, closed},
          {"malformed is worse than misdirected", with_host("pay example"), {400}, closed},
      },
      options);
}

TEST(Framing, BelievesTrustedProxiesOnly) {
  const auto from = [](std::string_view fields) { return get("/", fields); };
  Options options;
  options.trusted_proxies = {"127.0.0.1", "10.0.0.1", "2001:db8:0::1"};
  expect_all(
      {
          {"nobody else", from(""), {200}, kept, "GET /||127.0.0.1"},
          {"a client", from("X-Forwarded-For: 203.0.113.7\r\n"), {200}, kept, "GET /||203.0.113.7"},
          {"what the client claims",
           from("X-Forwarded-For: 1.2.3.4, 203.0.113.7\r\n"),
           {200},
           kept,
           "GET /||203.0.113.7"},
          {"two proxies",
           from("X-Forwarded-For: 1.2.3.4, 203.0.113.7, 10.0.0.1\r\n"),
           {200},
           kept,
           "GET /||203.0.113.7"},
          {"two fields",
           from("X-Forwarded-For: 203.0.113.7\r\nx-forwarded-for: 10.0.0.1\r\n"),
           {200},
           kept,
           "GET /||203.0.113.7"},
          {"IPv6 in another spelling",
           from("X-Forwarded-For: 203.0.113.7, 2001:DB8::1\r\n"),
           {200},
           kept,
           "GET /||203.0.113.7"},
          {"not an address", from("X-Forwarded-For: 203.0.113.7, unknown\r\n"), {200}, kept, "GET /||127.0.0.1"},
          {"only proxies", from("X-Forwarded-For: 10.0.0.1\r\n"), {200}, kept, "GET /||10.0.0.1"},
      },
      options);
  expect_all({{"no trusted proxy", from("X-Forwarded-For: 203.0.113.7\r\n"), {200}, kept, "GET /||127.0.0.1"}});
}

}  // namespace
}  // namespace paylink::http
