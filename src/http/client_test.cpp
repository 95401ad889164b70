#include "http/client.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "http/test_peer.hpp"

namespace paylink::http {
namespace {

using Outcome = Result<ClientResponse>;

std::future<Outcome> begin(Client& client, ClientRequest request) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto future = promise->get_future();
  start(
      client.send(std::move(request)), [promise](Outcome outcome) { promise->set_value(std::move(outcome)); },
      [promise](const std::exception_ptr& thrown) { promise->set_exception(thrown); });
  return future;
}

Outcome send(Client& client, ClientRequest request) {
  auto future = begin(client, std::move(request));
  if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) std::abort();
  return future.get();
}

ClientRequest get(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  return request;
}

// Answers whatever connects with the same bytes; or never answers when there are none. `drop`: answers the first
// request of the first connection, and closes that one without a word when it hears the next.
class FixedAnswer {
 public:
  enum class After : std::uint8_t { close, keep, drop };
  explicit FixedAnswer(std::string bytes, After after = After::close)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), bytes_(std::move(bytes)), after_(after) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ENSURE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    ENSURE(::listen(listener_, 8) == 0);
    ENSURE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~FixedAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int peer : silent_) ::close(peer);
  }
  FixedAnswer(const FixedAnswer&) = delete;
  FixedAnswer& operator=(const FixedAnswer&) = delete;

  int connections() const { return connections_; }
  // What was heard, one request after the other, each in one piece when it is small.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void run() {
    for (;;) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      ++connections_;
      if (bytes_.empty()) {
        silent_.push_back(peer);
        continue;
      }
      char request[4096];
      for (int answers = 0;; ++answers) {
        const auto size = ::recv(peer, request, sizeof request, 0);
        if (size <= 0) break;
        {
          const std::lock_guard lock(mutex_);
          requests_.emplace_back(request, static_cast<std::size_t>(size));
        }
        if (after_ == After::drop && connections_ == 1 && answers == 1) break;
        ::send(peer, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
        if (after_ == After::close) break;
      }
      ::close(peer);
    }
  }

  int listener_;
  std::string bytes_;
  After after_;
  std::atomic<int> connections_{0};
  std::uint16_t port_ = 0;
  std::vector<int> silent_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

TEST(HttpClient, SendsWhatItIsGiven) {
  TestServer server;
  const auto client = Client::create();
  const struct {
    std::string method, body, answer;
  } cases[] = {
      {"GET", "", "GET /a?b=c||127.0.0.1"},
      {"POST", "x=y", "POST /a?b=c|x=y|127.0.0.1"},
      {"POST", "", "POST /a?b=c||127.0.0.1"},
      {"PATCH", "{}", "PATCH /a?b=c|{}|127.0.0.1"},
      {"DELETE", "", "DELETE /a?b=c||127.0.0.1"},
      {"DELETE", "{}", "DELETE /a?b=c|{}|127.0.0.1"},
      {"PUT", "{}", "PUT /a?b=c|{}|127.0.0.1"},
      {"HEAD", "", ""},
      {"POST", std::string(100'000, 'b'), "POST /a?b=c|" + std::string(100'000, 'b') + "|127.0.0.1"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.method);
    auto request = get(server.url("/a?b=c"));
    request.method = c.method;
    request.body = c.body;
    const auto response = send(*client, std::move(request));
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->content_type, "text/plain");
    EXPECT_EQ(response->body, c.answer);
  }
}

TEST(HttpClient, SendsItsFieldsAndNoOthers) {
  TestServer server;
  const auto client = Client::create();
  auto request = get(server.url("/hold"));
  request.method = "POST";
  request.body = "{}";
  request.fields = {{"Authorization", "Bearer x"}, {"X-Empty", ""}};
  auto future = begin(*client, std::move(request));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  const Request& heard = held[0]->request();
  EXPECT_EQ(heard.field("Authorization"), "Bearer x");
  EXPECT_EQ(heard.field("X-Empty"), "");
  EXPECT_EQ(heard.count("Content-Type"), 0U);
  EXPECT_EQ(heard.count("Expect"), 0U);
  EXPECT_EQ(heard.count("Cookie"), 0U);
  Response response{303, "text/plain", "later", {}};
  response.add_field("Location", "/elsewhere").add_field("Retry-After", "7").add_field("Set-Cookie", "a=b; Path=/");
  held[0]->respond(std::move(response));
  const auto redirected = future.get();  // and not followed
  ASSERT_TRUE(redirected);
  EXPECT_EQ(redirected->status, 303);
  EXPECT_EQ(redirected->location, "/elsewhere");
  EXPECT_EQ(redirected->retry_after, "7");

  future = begin(*client, get(server.url("/hold")));
  const auto again = server.held(1);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0]->request().count("Cookie"), 0U);
  again[0]->respond({});
  EXPECT_TRUE(future.get());
}

TEST(HttpClient, RefusesABrokenField) {
  TestServer server;
  const auto client = Client::create();
  auto request = get(server.url("/"));
  request.fields = {{"X", "a\r\nY: b"}};
  const auto response = send(*client, std::move(request));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::internal);
  EXPECT_EQ(server.answered_count(), 0);
}

TEST(HttpClient, TellsFailuresApart) {
  const auto client = Client::create();
  TestServer server;
  const FixedAnswer silent(""), nonsense("SSH-2.0-x\r\n"), cut("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  const FixedAnswer closing("H"), endless("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n");
  std::uint16_t closed_port = 0;
  {
    closed_port = TestServer().port();
  }
  const struct {
    const char* name;
    std::string url;
    std::string reason;
  } cases[] = {
      {"refused", "http://127.0.0.1:" + std::to_string(closed_port) + "/", "connect_failed"},
      {"no such scheme", "ftp://127.0.0.1/", "connect_failed"},
      {"file", "file:///etc/hostname", "connect_failed"},
      {"no URL", "http://", "connect_failed"},
      {"TLS with a peer that has none", "https://127.0.0.1:" + std::to_string(server.port()) + "/", "connect_failed"},
      {"silent", silent.url(), "timed_out"},
      {"not HTTP", nonsense.url(), "broken_answer"},
      {"cut short", cut.url(), "broken_answer"},
      {"closed at once", closing.url(), "broken_answer"},
      {"endless head", endless.url(), "broken_answer"},
      {"too large", server.url("/big/10001"), "broken_answer"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto request = get(c.url);
    request.timeout = milliseconds(400);
    request.answer_bytes_max = 10'000;
    const auto response = send(*client, std::move(request));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::unavailable);
    EXPECT_EQ(response.error().reason, c.reason) << response.error().detail;
  }
  auto request = get(server.url("/big/10000"));
  request.answer_bytes_max = 10'000;
  EXPECT_TRUE(send(*client, std::move(request)));
}

TEST(HttpClient, IgnoresTheProxyOfTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  TestServer server;
  const auto client = Client::create();
  EXPECT_TRUE(send(*client, get(server.url("/"))));
  ::unsetenv("http_proxy");
}

TEST(HttpClient, KeepsConnectionsForTheNextRequest) {
  const FixedAnswer keeping("HTTP/1.1 204 No Content\r\n\r\n", FixedAnswer::After::keep);
  const auto client = Client::create();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(send(*client, get(keeping.url())));
  EXPECT_EQ(keeping.connections(), 1);
}

TEST(HttpClient, SendsManyAtOnce) {
  TestServer server;
  const auto client = Client::create();
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 200; ++i) outcomes.push_back(begin(*client, get(server.url("/n" + std::to_string(i)))));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto response = outcomes[i].get();
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->body, "GET /n" + std::to_string(i) + "||127.0.0.1");
  }
}

// curl does so by itself: whoever calls must have given a key to what may happen only once.
TEST(HttpClient, SendsAgainOnAnotherConnectionWhenAKeptOneIsDead) {
  const FixedAnswer dropping("HTTP/1.1 204 No Content\r\n\r\n", FixedAnswer::After::drop);
  const auto client = Client::create();
  ASSERT_TRUE(send(*client, get(dropping.url())));
  auto request = get(dropping.url());
  request.method = "POST";
  request.body = "amount=1";
  request.fields = {{"Idempotency-Key", "k-1"}};
  const auto response = send(*client, std::move(request));
  ASSERT_TRUE(response) << response.error().detail;
  const auto heard = dropping.requests();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[1], heard[2]);
  EXPECT_NE(heard[2].find("Idempotency-Key: k-1\r\n"), std::string::npos);
  EXPECT_TRUE(heard[2].ends_with("\r\n\r\namount=1"));
  EXPECT_EQ(dropping.connections(), 2);
}

ClientRequest get_within(std::string url, milliseconds timeout) {
  auto request = get(std::move(url));
  request.timeout = timeout;
  return request;
}

TEST(HttpClient, WaitsForAConnectionWhenItHasEnough) {
  const struct {
    const char* name;
    ClientLimits limits;
    bool same_host;
    const char* reason;  // of a third call while two are under way
  } cases[] = {
      {"enough to this host", {.connections_to_host = 2}, true, "connect_failed"},
      {"enough to this host, none to the other", {.connections_to_host = 2}, false, "timed_out"},
      {"enough in all", {.connections = 2}, false, "connect_failed"},
      {"one left", {.connections = 3, .connections_to_host = 3}, true, "timed_out"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const FixedAnswer first(""), second("");
    const auto client = Client::create(c.limits);
    const auto one = begin(*client, get(first.url())), two = begin(*client, get(first.url()));
    for (int i = 0; i < 1'000 && first.connections() < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
    ASSERT_EQ(first.connections(), 2);
    const auto before = std::chrono::steady_clock::now();
    const auto third = send(*client, get_within(c.same_host ? first.url() : second.url(), milliseconds(300)));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().reason, c.reason) << third.error().detail;
    client->stop();
  }
}

TEST(HttpClient, SendsWhatHasWaitedAsSoonAsThereIsRoom) {
  TestServer server;
  // The wait is longer than connecting may take: it is no part of that.
  const auto client = Client::create({.connections_to_host = 1, .connect_time = milliseconds(200)});
  auto first = begin(*client, get(server.url("/hold")));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(begin(*client, get(server.url("/n" + std::to_string(i)))));
  EXPECT_EQ(waiting[0].wait_for(milliseconds(500)), std::future_status::timeout);
  held[0]->respond({200, "text/plain", "", {}});
  EXPECT_TRUE(first.get());
  for (auto& one : waiting) {
    const auto answer = one.get();
    EXPECT_TRUE(answer) << answer.error().detail;
  }
}

TEST(HttpClient, RefusesMoreCallsThanItsBound) {
  const FixedAnswer silent("");
  TestServer server;
  const auto client = Client::create({.calls = 2});
  auto first = begin(*client, get_within(silent.url(), milliseconds(300)));
  auto second = begin(*client, get_within(silent.url(), milliseconds(300)));
  auto third = begin(*client, get(server.url("/")));
  ASSERT_EQ(third.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  const auto refused = third.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "overloaded");
  EXPECT_EQ(first.get().error().reason, "timed_out");
  EXPECT_EQ(second.get().error().reason, "timed_out");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(*client, get(server.url("/"))));  // there is room again
}

// Listens and has no room for another connection: the kernel lets them wait.
class Crowded {
 public:
  Crowded() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    ENSURE(::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size) == 0);
    ENSURE(::listen(listener_, 0) == 0);
    ENSURE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
    for (int i = 0; i < 16 && enters(); ++i) continue;
  }
  ~Crowded() {
    for (const int peer : peers_) ::close(peer);
    ::close(listener_);
  }
  Crowded(const Crowded&) = delete;
  Crowded& operator=(const Crowded&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/"; }

 private:
  bool enters() {
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    peers_.push_back(peer);
    ::connect(peer, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    pollfd event{peer, POLLOUT, 0};
    return ::poll(&event, 1, 100) == 1;
  }

  int listener_;
  sockaddr_in address_{};
  std::vector<int> peers_;
};

TEST(HttpClient, GivesUpConnectingBeforeTheTimeout) {
  const Crowded crowded;
  const auto client = Client::create({.connect_time = milliseconds(200)});
  const auto before = std::chrono::steady_clock::now();
  const auto response = send(*client, get_within(crowded.url(), milliseconds(15'000)));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, "connect_failed");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

Task<Outcome> twice(Client& client, std::string url) {
  auto first = co_await client.send(get(url));
  if (first) co_return first;
  auto second = co_await client.send(get(url));
  co_return second;
}

// The moments at which sleepers woke, in milliseconds from their beginning.
std::future<long> begin_wait(Client& client, milliseconds time) {
  auto promise = std::make_shared<std::promise<long>>();
  auto future = promise->get_future();
  const auto began = std::chrono::steady_clock::now();
  start(
      client.wait(time),
      [promise, began] {
        promise->set_value(std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began).count());
      },
      [promise](const std::exception_ptr& thrown) { promise->set_exception(thrown); });
  return future;
}

TEST(HttpClient, LetsTimePass) {
  auto client = Client::create();
  auto late = begin_wait(*client, milliseconds(60)), soon = begin_wait(*client, milliseconds(20)),
       never = begin_wait(*client, std::chrono::hours(1));
  EXPECT_EQ(begin_wait(*client, milliseconds(0)).wait_for(milliseconds(0)), std::future_status::ready);
  for (auto* future : {&late, &soon}) ASSERT_EQ(future->wait_for(patience), std::future_status::ready);
  EXPECT_GE(soon.get(), 20);
  EXPECT_GE(late.get(), 60);
  EXPECT_EQ(never.wait_for(milliseconds(0)), std::future_status::timeout);
  client->stop();
  EXPECT_EQ(never.wait_for(milliseconds(0)), std::future_status::ready) << "nobody sleeps on when it stops";
  EXPECT_EQ(begin_wait(*client, std::chrono::hours(1)).wait_for(milliseconds(0)), std::future_status::ready);
}

TEST(HttpClient, FailsWhatIsPendingWhenItStops) {
  TestServer server;
  auto client = Client::create();
  std::promise<Outcome> promise;
  auto future = promise.get_future();
  start(
      twice(*client, server.url("/hold")), [&](Outcome outcome) { promise.set_value(std::move(outcome)); },
      [&](const std::exception_ptr& thrown) { promise.set_exception(thrown); });
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  client->stop();
  ASSERT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::ready);  // nothing resumes any more
  const auto response = future.get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, "broken_answer");
  held[0]->respond({});

  bool is_over = false;
  start(
      client->send(get(server.url("/after"))), [&](Outcome outcome) { is_over = !outcome; },
      [](const std::exception_ptr&) {});
  EXPECT_TRUE(is_over);
}

}  // namespace
}  // namespace paylink::http
