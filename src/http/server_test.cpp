#include "http/server.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "http/test_peer.hpp"

// Limits, deadlines, and the life of exchanges, over real sockets.

namespace paylink::http {
namespace {

using End = TestSocket::End;

const std::string get_line = "GET / HTTP/1.1\r\n";
const std::string plain_get = get_line + "Host: a\r\n\r\n";

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

std::string post_of(std::size_t size) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'b');
}

std::string chunked_post_of(std::size_t size, std::size_t chunk) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t sent = 0; sent < size; sent += chunk) {
    const std::size_t part = std::min(chunk, size - sent);
    char digits[17] = "";
    *std::to_chars(digits, digits + 16, part, 16).ptr = '\0';
    bytes.append(digits).append("\r\n").append(part, 'b').append("\r\n");
  }
  return bytes + "0\r\n\r\n";
}

std::string head_of(std::size_t size) {
  const std::string start = get_line + "Host: a\r\nX: ";
  return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

std::string with_fields(std::size_t count) {
  std::string bytes = get_line + "Host: a\r\n";
  for (std::size_t i = 1; i < count; ++i) bytes += "X: y\r\n";
  return bytes + "\r\n";
}

Options quick() {
  Options options;
  options.limits.head_time = milliseconds(300);
  options.limits.idle_time = milliseconds(300);
  options.limits.write_time = milliseconds(300);
  return options;
}

TEST(HttpServer, KeepsEachLimitToTheByte) {
  TestServer server;
  const Limits limits;
  const struct {
    const char* name;
    std::string bytes;
    int status;
  } cases[] = {
      {"head at the limit", head_of(limits.head_bytes), 200},
      {"head one past", head_of(limits.head_bytes + 1), 431},
      {"request line beyond all", "GET /" + std::string(limits.head_bytes, 'a'), 431},
      {"fields at the limit", with_fields(limits.fields), 200},
      {"fields one past", with_fields(limits.fields + 1), 431},
      {"body at the limit", post_of(limits.body_bytes), 200},
      {"body one past", post_of(limits.body_bytes + 1), 413},
      {"body far past, announced only", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413},
      {"chunked at the limit", chunked_post_of(limits.body_bytes, 1000), 200},
      {"chunked one past", chunked_post_of(limits.body_bytes + 1, 1000), 413},
      {"chunked at the limit in single bytes", chunked_post_of(limits.body_bytes, 1), 200},
      {"one chunk one past", chunked_post_of(limits.body_bytes + 1, limits.body_bytes + 1), 413},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TestSocket socket(server.port());
    socket.send(c.bytes);
    const auto answers = socket.hear_answers(1);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, c.status);
    const auto rest = socket.hear(c.status == 200 ? milliseconds(20) : patience);
    EXPECT_EQ(rest.end, c.status == 200 ? End::kept : End::closed);
    EXPECT_EQ(rest.bytes, "");
  }
}

TEST(HttpServer, AnswersBeforeAHugeBodyIsRead) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
  std::thread sender([&] {
    for (int i = 0; i < 50; ++i)
      if (!socket.send(std::string(1'000'000, 'b'))) return;
  });
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 413);
  sender.join();
}

TEST(HttpServer, KeepsDeadlines) {
  TestServer server(quick());
  const struct {
    const char* name;
    std::string bytes;
    std::string heard;  // the status, or nothing
  } cases[] = {
      {"idle from the beginning", "", ""},
      {"idle after an answer", plain_get, "200"},
      {"slow head", "GET / HTTP/1.1\r\nHost:", "408"},
      {"slow second head", plain_get + "G", "200 408"},
      {"slow body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", "408"},
      {"slow chunked body", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "408"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TestSocket socket(server.port());
    const auto began = std::chrono::steady_clock::now();
    socket.send(c.bytes);
    const auto heard = socket.hear();
    const auto took = std::chrono::steady_clock::now() - began;
    std::string statuses;
    for (const Answer& answer : parse_answers(heard.bytes))
      statuses.append(statuses.empty() ? "" : " ").append(std::to_string(answer.status));
    EXPECT_EQ(statuses, c.heard);
    EXPECT_EQ(heard.end, End::closed);
    EXPECT_GE(took, milliseconds(290));
    EXPECT_LT(took, milliseconds(3'000));
  }
}

TEST(HttpServer, ADribbledHeadDoesNotBuyTime) {
  TestServer server(quick());
  const TestSocket socket(server.port());
  socket.send("GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 40; ++i) {
    if (!socket.send("X: y\r\n")) break;
    std::this_thread::sleep_for(milliseconds(20));
  }
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 408);
}

TEST(HttpServer, ASteadyBodyMayTakeItsTime) {
  auto options = quick();
  options.limits.body_bytes_per_second = 500;
  TestServer server(options);
  const TestSocket socket(server.port());
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n");
  for (int i = 0; i < 40; ++i) {  // 100 bytes each 20 ms: ten times the rate, for well over the head's time
    socket.send(std::string(100, 'b'));
    std::this_thread::sleep_for(milliseconds(20));
  }
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 200);
}

TEST(HttpServer, GivesUpOnAPeerThatDoesNotRead) {
  TestServer server(quick());
  const TestSocket socket(server.port());
  socket.send(get("/big/30000000"));
  std::this_thread::sleep_for(milliseconds(1'500));
  const auto heard = socket.hear();
  EXPECT_LT(heard.bytes.size(), 30'000'000U);
  EXPECT_NE(heard.end, End::kept);
}

// Peers that do not read, or do not finish, hold memory of ours: together so much, and who has held most goes first.
TEST(HttpServer, HoldsSoMuchForItsPeers) {
  Options options;
  options.limits.held_bytes = 40'000'000;
  const struct {
    const char* name;
    std::string request;
    int peers, closed_min;
  } cases[] = {{"answers that are not read", get("/big/16000000"), 6, 4},
               {"bodies that do not end", post_of(250'000).substr(0, 249'000), 170, 17}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    TestServer server(options);
    std::vector<std::unique_ptr<TestSocket>> peers;
    for (int i = 0; i < c.peers; ++i) {
      peers.push_back(std::make_unique<TestSocket>(server.port()));
      peers.back()->send(c.request);
      if (i == 0) std::this_thread::sleep_for(milliseconds(100));
    }
    std::this_thread::sleep_for(milliseconds(300));
    const TestSocket good(server.port());
    good.send(get("/big/1000000"));
    const auto answers = good.hear_answers(1);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].body.size(), 1'000'000U);
    int closed = 0;
    for (const auto& peer : peers) closed += peer->hear(milliseconds(20)).end != End::kept;
    EXPECT_GE(closed, c.closed_min);
    EXPECT_LT(closed, c.peers);
    EXPECT_NE(peers.front()->hear(milliseconds(20)).end, End::kept);  // it has held most
  }
}

// Those who hold pay for it, not whoever comes to another event loop. On which one a connection comes is chance.
TEST(HttpServer, HoldsForEachLoopItsShare) {
  Options options;
  options.threads = 8;
  options.limits.held_bytes = 32'100'000;
  const std::string request = post_of(250'000);
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    TestServer server(options);
    const TestSocket holders[2] = {TestSocket(server.port()), TestSocket(server.port())};
    for (const TestSocket& holder : holders) holder.send(get("/big/16000000"));
    std::this_thread::sleep_for(milliseconds(100));
    for (int i = 0; i < 6; ++i) {
      const TestSocket honest(server.port());
      honest.send(std::string_view(request).substr(0, 249'000));
      std::this_thread::sleep_for(milliseconds(10));
      honest.send(std::string_view(request).substr(249'000));
      ASSERT_EQ(honest.hear_answers(1).size(), 1U);
    }
  }
}

// A refusal that is given later holds its request as long.
TEST(HttpServer, HoldsSoMuchWhileAnswersAreHeldBack) {
  Options options;
  options.limits.held_bytes = 2'000'000;
  TestServer server(options);
  std::string request = post_of(200'000);
  request.replace(request.find(" / "), 3, " /pause/3000 ");
  std::vector<std::unique_ptr<TestSocket>> peers;
  for (int i = 0; i < 20; ++i) {
    peers.push_back(std::make_unique<TestSocket>(server.port()));
    peers.back()->send(request);
    std::this_thread::sleep_for(milliseconds(10));  // has arrived
  }
  std::vector<std::string> heard;
  for (const auto& peer : peers) heard.push_back(peer->hear(milliseconds(20)).bytes);
  EXPECT_LT(std::ranges::count(heard, ""), 9);  // for the others there was no room to wait
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (heard[i].empty())
      heard[i] = peers[i]->hear(patience, [](const std::string& bytes) { return !bytes.empty(); }).bytes;
    EXPECT_TRUE(heard[i].starts_with("HTTP/1.1 200"));
  }
}

TEST(HttpServer, WritesLargeAnswersToASlowReader) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/big/8000000") + get("/after"));
  std::this_thread::sleep_for(milliseconds(100));
  const auto answers = socket.hear_answers(2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].body.size(), 8'000'000U);
  EXPECT_EQ(answers[1].body, "GET /after||127.0.0.1");
}

TEST(HttpServer, SaysContinueWhenAsked) {
  TestServer server;
  const std::string head = "POST /c HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  const TestSocket socket(server.port());
  socket.send(head);
  auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].head, "HTTP/1.1 100 Continue\r\n");
  socket.send("hi");
  answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "POST /c|hi|127.0.0.1");

  socket.send(head + "hi");  // already here: there is nothing to wait for
  answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 200);

  socket.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 999999\r\n\r\n");
  answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 413);
}

TEST(HttpServer, SendsNoBodyToHead) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send("HEAD /big/1000 HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto heard = socket.hear(milliseconds(100));
  EXPECT_TRUE(heard.bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(heard.bytes.find("\r\nContent-Length: 1000\r\n"), std::string::npos);
  EXPECT_TRUE(heard.bytes.ends_with("\r\n\r\n"));
  EXPECT_EQ(heard.end, End::kept);
}

TEST(HttpServer, SendsTheFieldsItPromises) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(plain_get + get("/204"));
  const auto answers = socket.hear_answers(2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].field("Date").size(), 29U);
  EXPECT_TRUE(answers[0].field("Date").ends_with(" GMT"));
  EXPECT_EQ(answers[0].field("Content-Type"), "text/plain");
  EXPECT_EQ(answers[0].field("Connection"), "");
  const std::string trace_id = answers[0].field("X-Trace-Id");
  EXPECT_EQ(trace_id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(trace_id.size(), 32U);
  EXPECT_NE(trace_id, answers[1].field("X-Trace-Id"));
  EXPECT_EQ(answers[1].field("Content-Length"), "");
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  const TestSocket socket(server.port());
  std::string bytes;
  for (int i = 0; i < 3'000; ++i) bytes += get("/n" + std::to_string(i));
  std::thread sender([&] { socket.send(bytes); });
  const auto heard =
      socket.hear(patience, [](const std::string& so_far) { return so_far.ends_with("GET /n2999||127.0.0.1"); });
  sender.join();
  const auto answers = parse_answers(heard.bytes);
  ASSERT_EQ(answers.size(), 3'000U);
  for (std::size_t i = 0; i < answers.size(); ++i)
    ASSERT_EQ(answers[i].body, "GET /n" + std::to_string(i) + "||127.0.0.1");
}

TEST(HttpServer, TakesOneRequestAtATime) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/hold/1") + get("/hold/2") + get("/3"));
  auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0]->request().path, "/hold/1");
  EXPECT_EQ(socket.hear(milliseconds(30)).bytes, "");
  held[0]->respond({200, "text/plain", "one", {}});  // from this thread, which is not the loop's
  held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0]->request().path, "/hold/2");
  held[0]->respond({200, "text/plain", "two", {}});
  const auto answers = socket.hear_answers(3);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].body, "one");
  EXPECT_EQ(answers[1].body, "two");
  EXPECT_EQ(answers[2].body, "GET /3||127.0.0.1");
  EXPECT_EQ(server.answered_count(), 3);
}

TEST(HttpServer, MakesAnAnswerOnItsOwnLoop) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/hold/1"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  std::thread::id maker;
  held[0]->respond_on_loop([&maker] {
    maker = std::this_thread::get_id();
    return Response{200, "text/plain", "made", {}};
  });
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "made");
  EXPECT_NE(maker, std::thread::id());
  EXPECT_NE(maker, std::this_thread::get_id());
}

TEST(HttpServer, GoesOnOnItsOwnLoop) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/hold/1"));
  const auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  std::thread::id first, second;
  held[0]->continue_on_loop([&] {
    first = std::this_thread::get_id();
    held[0]->continue_on_loop([&] { second = std::this_thread::get_id(); });
    held[0]->respond({200, "text/plain", "gone on", {}});
  });
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "gone on");
  EXPECT_NE(first, std::thread::id());
  EXPECT_NE(first, std::this_thread::get_id());
  EXPECT_EQ(second, first);
}

TEST(HttpServer, KeepsARequestAliveUntilItIsAnswered) {
  TestServer server;
  TestSocket gone(server.port()), half(server.port());
  gone.send("POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  auto held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  gone.reset();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(held[0]->request().body, "abc");
  held[0]->respond({200, "text/plain", "nobody hears this", {}});

  half.send(get("/hold"));
  half.finish_sending();
  held = server.held(1);
  ASSERT_EQ(held.size(), 1U);
  held[0]->respond({200, "text/plain", "heard", {}});
  const auto heard = half.hear();
  EXPECT_TRUE(heard.bytes.ends_with("heard"));
  EXPECT_EQ(heard.end, End::closed);
}

TEST(HttpServer, SettlesAfterEveryRequest) {
  TestServer server;
  const TestSocket socket(server.port());
  const auto expect_settled = [&](const char* when) {
    SCOPED_TRACE(when);
    for (int i = 0; i < 100 && server.unsettled_count() > 0; ++i) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_EQ(server.unsettled_count(), 0);
  };
  socket.send(get("/1") + get("/2"));
  EXPECT_EQ(socket.hear_answers(2).size(), 2U);
  expect_settled("two at once");
  socket.send(get("/hold") + get("/2"));
  for (Exchange* exchange : server.held(1)) exchange->respond({});
  EXPECT_EQ(socket.hear_answers(2).size(), 2U);
  expect_settled("one that waited for an answer from another thread");
  socket.send(get("/big/8000000") + get("/2"));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(socket.hear_answers(2).size(), 2U);
  expect_settled("one that waited for the peer to read");
}

TEST(HttpServer, CollectsAnswersInABatch) {
  Options options;
  options.threads = 2;
  TestServer server(options);
  constexpr std::size_t count = 20;
  std::vector<std::unique_ptr<TestSocket>> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(std::make_unique<TestSocket>(server.port()));
    sockets.back()->send(get("/hold"));
  }
  const auto held = server.held(count);
  ASSERT_EQ(held.size(), count);
  {
    const AnswerBatch outer;
    {
      const AnswerBatch inner;
      for (Exchange* exchange : held) exchange->respond({200, "text/plain", "batch", {}});
    }
    EXPECT_EQ(sockets[0]->hear(milliseconds(30)).bytes, "");
  }
  for (const auto& socket : sockets) {
    const auto answers = socket->hear_answers(1);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].body, "batch");
  }
}

TEST(HttpServer, ServesFromManyThreadsAtOnce) {
  Options options;
  options.threads = 2;
  TestServer server(options);
  constexpr int clients = 8, rounds = 20;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {  // answers what the clients ask, from a thread that is no loop's
    for (std::size_t answered = 0; answered < clients * rounds;) {
      const auto held = server.held(1);
      if (held.empty()) return;
      answered += held.size();
      for (Exchange* exchange : held) exchange->respond({200, "text/plain", "x", {}});
    }
  });
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        const TestSocket socket(server.port());
        socket.send(get("/hold") + plain_get);
        if (socket.hear_answers(2).size() == 2) ++good;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, clients * rounds);
}

}  // namespace
}  // namespace paylink::http
