#include <gtest/gtest.h>
#include <sys/resource.h>

#include <future>
#include <thread>

#include "http/server.hpp"
#include "http/test_peer.hpp"

// How a server begins, makes room for connections, and ends.

namespace paylink::http {
namespace {

using End = TestSocket::End;

const std::string plain_get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

TEST(HttpServer, RefusesAPortInUse) {
  for (const int threads : {1, 2}) {
    SCOPED_TRACE(threads);
    Options options;
    options.threads = threads;
    TestServer server(options);
    SystemRandom random;
    for (const int others : {1, 2}) {
      Options same = options;
      same.port = server.port();
      same.threads = others;
      const auto second = Server::create(same, server, random);
      ASSERT_FALSE(second);
      EXPECT_EQ(second.error().reason, "address_in_use");
      EXPECT_NE(second.error().message.find("127.0.0.1:" + std::to_string(server.port())), std::string::npos);
    }
  }
}

TEST(HttpServer, RefusesWhatIsNoAddress) {
  SystemRandom random;
  TestServer handler;
  Options name, proxy;
  name.address = "localhost";
  proxy.trusted_proxies = {"10.0.0.0/8"};
  for (const Options& options : {name, proxy}) {
    const auto server = Server::create(options, handler, random);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().reason, "invalid_address");
  }
}

TEST(HttpServer, ServesIPv4ThroughAnIPv6Socket) {
  Options options;
  options.address = "::";
  TestServer server(options);
  const TestSocket socket(server.port());
  socket.send(plain_get);
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "GET /||127.0.0.1");
}

TEST(HttpServer, MakesRoomForNewConnections) {
  Options options;
  options.limits.connections = 3;
  TestServer server(options);
  const TestSocket busy(server.port()), longest(server.port()), second(server.port());
  busy.send(get("/hold"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  longest.send(plain_get);
  ASSERT_EQ(longest.hear_answers(1).size(), 1U);
  second.send(plain_get);
  ASSERT_EQ(second.hear_answers(1).size(), 1U);

  const TestSocket third(server.port());
  third.send(get("/hold"));
  EXPECT_EQ(longest.hear().end, End::closed);
  const auto more = server.held(1);
  ASSERT_EQ(more.size(), 1U);
  second.send(get("/hold"));
  const auto last = server.held(1);
  ASSERT_EQ(last.size(), 1U);

  const TestSocket refused(server.port());  // all three are busy
  refused.send(plain_get);
  EXPECT_NE(refused.hear().end, End::kept);
  for (Exchange* exchange : {held[0], more[0], last[0]}) exchange->respond({200, "text/plain", "ok", {}});
  for (const TestSocket* socket : {&busy, &third, &second}) EXPECT_EQ(socket->hear_answers(1).size(), 1U);
}

TEST(HttpServer, RetiresConnectionByConnection) {
  TestServer server;
  const TestSocket kept(server.port());
  kept.send(plain_get);
  ASSERT_EQ(kept.hear_answers(1).size(), 1U);
  server.retire();
  for (const bool is_new : {false, true}) {
    SCOPED_TRACE(is_new);
    const TestSocket fresh(server.port());
    const TestSocket& socket = is_new ? fresh : kept;
    socket.send(get("/1") + get("/2"));
    const auto heard = socket.hear();
    const auto answers = parse_answers(heard.bytes);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].field("Connection"), "");
    EXPECT_EQ(answers[1].field("Connection"), "close");
    EXPECT_EQ(heard.end, End::closed);
  }
}

TEST(HttpServer, StopsAfterWhatIsUnderWay) {
  TestServer server;
  const TestSocket idle(server.port()), busy(server.port()), late(server.port());
  idle.send(plain_get);
  ASSERT_EQ(idle.hear_answers(1).size(), 1U);
  busy.send(get("/hold"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  late.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh");
  std::this_thread::sleep_for(milliseconds(30));

  std::thread stopper([&] { server.stop(milliseconds(4'000)); });
  EXPECT_EQ(idle.hear().end, End::closed);
  EXPECT_FALSE(TestSocket(server.port()).is_connected());
  late.send("i");
  auto answers = late.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].field("Connection"), "close");
  held[0]->respond({200, "text/plain", "done", {}});
  const auto heard = busy.hear();
  answers = parse_answers(heard.bytes);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "done");
  EXPECT_EQ(answers[0].field("Connection"), "close");
  EXPECT_EQ(heard.end, End::closed);
  const auto began = std::chrono::steady_clock::now();
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1'000));
}

TEST(HttpServer, StopsWhenGraceIsOver) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/hold"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  const auto began = std::chrono::steady_clock::now();
  server.stop(milliseconds(100));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1'000));
  EXPECT_NE(socket.hear().end, End::kept);
  held[0]->respond({200, "text/plain", "too late", {}});
}

TEST(HttpServer, AnExchangeOutlivesItsServer) {
  TestServer server;
  const TestSocket one(server.port()), other(server.port());
  one.send(get("/hold"));
  other.send(get("/hold"));
  const auto held = server.held(2);
  ASSERT_EQ(held.size(), 2U);
  server.destroy();
  EXPECT_EQ(held[0]->request().path, "/hold");
  held[0]->respond({200, "text/plain", "too late", {}});
  EXPECT_EQ(held[1]->request().path, "/hold");
  const AnswerBatch batch;
  held[1]->respond({200, "text/plain", "too late", {}});
}

// Whoever takes a connection over says what its peer hears, and when it ends.
TEST(HttpServer, GivesConnectionsAway) {
  TestServer server;
  for (const bool at_once : {true, false}) {
    SCOPED_TRACE(at_once);
    int taken = -1;
    std::promise<void> done;
    const auto take = [&](Exchange* exchange) {
      taken = exchange->take_over();
      done.set_value();
    };
    if (at_once) server.when_handled([&](Exchange& exchange) { take(&exchange); });
    const TestSocket socket(server.port());
    socket.send(plain_get);
    ASSERT_EQ(socket.hear_answers(1).size(), 1U) << "what came before is answered";
    socket.send(get(at_once ? "/exchange" : "/hold"));
    if (!at_once) {
      const auto held = server.held(1);
      ASSERT_EQ(held.size(), 1U);
      held[0]->continue_on_loop([&, exchange = held[0]] { take(exchange); });
    }
    ASSERT_EQ(done.get_future().wait_for(patience), std::future_status::ready);
    ASSERT_GE(taken, 0);
    ASSERT_EQ(::send(taken, "by hand", 7, MSG_NOSIGNAL), 7);
    ::close(taken);
    const auto heard = socket.hear();
    EXPECT_EQ(heard.bytes, "by hand");
    EXPECT_EQ(heard.end, TestSocket::End::closed);
  }
  const TestSocket after(server.port());
  after.send(plain_get);
  EXPECT_EQ(after.hear_answers(1).size(), 1U);
}

// Not with answers before it that have not been sent, nor from another thread.
TEST(HttpServer, KeepsConnectionsThatCannotBeGivenAway) {
  TestServer server;
  std::atomic<int> taken = 0;
  server.when_handled([&](Exchange& exchange) {
    taken = exchange.take_over();
    exchange.respond({200, "text/plain", "kept", {}});
  });
  const TestSocket socket(server.port());
  socket.send(std::string(plain_get) + get("/exchange"));
  const auto answers = socket.hear_answers(2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].body, "kept");
  EXPECT_EQ(taken, -1);
  socket.send(get("/hold"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0]->take_over(), -1);
  held[0]->respond({200, "text/plain", "kept", {}});
  EXPECT_EQ(socket.hear_answers(1).size(), 1U);
}

TEST(HttpServer, StaysUpWithoutDescriptors) {
  TestServer server;
  const TestSocket before(server.port());
  before.send(plain_get);
  ASSERT_EQ(before.hear_answers(1).size(), 1U);
  const TestSocket client(server.port());
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  // What follows finds no descriptor for the server's side; the client's own is taken before.
  const int highest = ::dup(0);
  ::close(highest);
  rlimit none = limit;
  none.rlim_cur = static_cast<rlim_t>(highest) + 1;
  const int last = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(last, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  // The longest idle connection makes room.
  EXPECT_EQ(before.hear().end, End::closed);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ::close(last);
  const TestSocket after(server.port());
  after.send(plain_get);
  EXPECT_EQ(after.hear_answers(1).size(), 1U);
}

}  // namespace
}  // namespace paylink::http
