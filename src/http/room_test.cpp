#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "http/test_peer.hpp"

// What large answers take of the server, in memory and in time.

namespace paylink::http {
namespace {

using End = TestSocket::End;

constexpr std::size_t large = 16'000'000;  // more than the system takes for a peer that does not read

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

Response large_answer() { return {200, "text/plain", std::string(large, 'x'), {}}; }

// One peer that will not read its answer, and one whose request is under way as well.
struct Fixture {
  Fixture() {
    stuck.send(get("/hold/1"));
    stuck_exchange = server.held(1).at(0);
    other.send(get("/hold/2"));
    other_exchange = server.held(1).at(0);
  }

  static Options options() {
    Options options;
    options.limits.held_bytes = large / 2;
    return options;
  }

  TestServer server{options()};
  const TestSocket stuck{server.port()}, other{server.port()};
  Exchange* stuck_exchange = nullptr;
  Exchange* other_exchange = nullptr;
};

TEST(HttpRoom, IsTakenByALargeAnswerOnItsWayToTheLoop) {
  Fixture fixture;
  std::latch is_busy(1), go_on(1);
  fixture.other_exchange->continue_on_loop([&] {
    is_busy.count_down();
    go_on.wait();
  });
  is_busy.wait();
  EXPECT_TRUE(fixture.other_exchange->has_room());
  fixture.stuck_exchange->respond(large_answer());
  EXPECT_FALSE(fixture.other_exchange->has_room());
  go_on.count_down();
  // Who does not read makes room.
  EXPECT_LT(fixture.stuck.hear().bytes.size(), large);
  EXPECT_TRUE(fixture.other_exchange->has_room());
  fixture.other_exchange->respond({200, "text/plain", "small", {}});
  EXPECT_EQ(fixture.other.hear_answers(1).size(), 1U);
}

TEST(HttpRoom, IsMadeOnTheLoopWhenSomebodyAsks) {
  Fixture fixture;
  std::atomic<bool> after{false};
  std::latch is_done(1);
  fixture.stuck_exchange->respond(large_answer());
  fixture.other_exchange->continue_on_loop([&] {
    after = fixture.other_exchange->has_room();
    is_done.count_down();
  });
  is_done.wait();
  EXPECT_TRUE(after);
  fixture.other_exchange->respond({200, "text/plain", "small", {}});
  EXPECT_EQ(fixture.other.hear_answers(1).size(), 1U);
}

TEST(HttpRoom, IsNeededBeforeARequestIsHandled) {
  Fixture fixture;
  // The answer is there and the loop, which is busy here, does not know yet: it can close nobody for it.
  fixture.server.when_called([&] { std::thread([&] { fixture.stuck_exchange->respond(large_answer()); }).join(); });
  const TestSocket socket(fixture.server.port());
  socket.send(get("/call") + get("/refused"));
  auto answers = socket.hear_answers(2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[1].status, 503);
  EXPECT_EQ(answers[1].body, "service_unavailable");
  EXPECT_EQ(answers[1].field("Retry-After"), "1");
  socket.send(get("/again"));  // on the same connection
  answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 200);
  fixture.other_exchange->respond({200, "text/plain", "small", {}});
}

// While one peer has its large answer, the loop looks at the others again and again.
TEST(HttpRoom, OneTurnIsNotAllForOne) {
  TestServer server;
  const TestSocket socket(server.port());
  socket.send(get("/big/" + std::to_string(large)));
  std::this_thread::sleep_for(milliseconds(100));  // what the system takes at once it has by then
  const auto answers = socket.hear_answers(1);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, std::string(large, 'x'));
  EXPECT_GE(server.turn_count(), static_cast<int>(large / (64 * 1024)));
}

TEST(HttpRoom, HeadersAndBodyArriveInOrder) {
  TestServer server;
  for (const std::size_t size : {65'535U, 65'536U, 65'537U, 262'000U, 262'144U, 600'000U}) {
    SCOPED_TRACE(size);
    const TestSocket socket(server.port());
    socket.send(get("/first") + get("/big/" + std::to_string(size)) + get("/last"));
    const auto answers = socket.hear_answers(3);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].body, "GET /first||127.0.0.1");
    EXPECT_EQ(answers[1].body, std::string(size, 'x'));
    EXPECT_EQ(answers[2].body, "GET /last||127.0.0.1");
  }
}

}  // namespace
}  // namespace paylink::http
