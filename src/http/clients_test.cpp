#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "http/client_network.hpp"
#include "http/peer_counts.hpp"
#include "http/test_peer.hpp"

// What one client can do to the others: connections of one address, and answers that are held back.

namespace paylink::http {
namespace {

using End = TestSocket::End;
using Steady = std::chrono::steady_clock;

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

bool is_served(const TestSocket& socket) {
  socket.send(get("/"));
  return socket.hear_answers(1).size() == 1;
}

TEST(ClientNetwork, IsAnAddressOrItsSixtyFour) {
  using Family = ClientNetwork::Family;
  const struct {
    const char* address;
    ClientNetwork network;
    const char* text;
  } cases[] = {
      {"192.0.2.1", {0xc0000201, 32, Family::v4}, "192.0.2.1"},
      {"::ffff:192.0.2.1", {0xc0000201, 32, Family::v4}, "192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", {0x20010db800010002, 64, Family::v6}, "2001:db8:1:2::/64"},
      {"::1", {0, 64, Family::v6}, "::/64"},
      {"", {}, "nowhere"},
      {"192.0.2.1:80", {}, "nowhere"},
      {"2001:db8::1%eth0", {}, "nowhere"},
      {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", {}, "nowhere"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.address);
    EXPECT_EQ(ClientNetwork::of(c.address), c.network);
    EXPECT_EQ(ClientNetwork::of(c.address).text(), c.text);
  }
  const auto narrow = ClientNetwork::of("2001:db8:1:2::1");
  EXPECT_EQ(narrow.wider(48), (ClientNetwork{0x20010db800010000, 48, Family::v6}));
  EXPECT_EQ(narrow.wider(48)->text(), "2001:db8:1::/48");
  EXPECT_EQ(narrow.wider(32), (ClientNetwork{0x20010db800000000, 32, Family::v6}));
  EXPECT_EQ(ClientNetwork::of("192.0.2.1").wider(24), std::nullopt);
  EXPECT_NE(narrow.hash(1), narrow.hash(2));
}

TEST(PeerCounts, ForgetsWhoHasNone) {
  PeerCounts counts(1);
  const auto peer = ClientNetwork::of("192.0.2.1");
  EXPECT_TRUE(counts.enter(peer, 2));
  EXPECT_TRUE(counts.enter(peer, 2));
  EXPECT_FALSE(counts.enter(peer, 2));
  EXPECT_TRUE(counts.enter(ClientNetwork::of("192.0.2.2"), 2));
  counts.leave(peer);
  EXPECT_TRUE(counts.enter(peer, 2));
  counts.leave(peer);
  counts.leave(peer);
  EXPECT_ANY_THROW(counts.leave(peer));
}

TEST(HttpClients, HaveSoManyConnectionsEach) {
  for (const int threads : {1, 3}) {
    SCOPED_TRACE(threads);
    Options options;
    options.threads = threads;
    options.limits.connections_per_client = 3;
    TestServer server(options);
    std::deque<TestSocket> sockets;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(is_served(sockets.emplace_back(server.port())));
    const TestSocket refused(server.port());
    refused.send(get("/"));
    EXPECT_TRUE(parse_answers(refused.hear().bytes).empty());
    EXPECT_TRUE(is_served(TestSocket(server.port(), "127.0.0.2")));  // others are served
    EXPECT_TRUE(is_served(sockets[0]));                              // and so are those he has
    sockets.pop_back();
    const auto end = Steady::now() + patience;
    while (Steady::now() < end && !is_served(TestSocket(server.port()))) std::this_thread::sleep_for(milliseconds(5));
    EXPECT_LT(Steady::now(), end) << "a place was not given back";
  }
}

TEST(HttpClients, OnThisMachineAndBehindProxiesAreNotCounted) {
  Options exempt, proxied;
  exempt.limits.connections_per_client = proxied.limits.connections_per_client = 1;
  exempt.loopback = Loopback::exempt;
  proxied.trusted_proxies = {"127.0.0.1"};
  for (const Options& options : {exempt, proxied}) {
    TestServer server(options);
    std::deque<TestSocket> sockets;
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_served(sockets.emplace_back(server.port())));
  }
}

TEST(HttpClients, WaitForAnswersThatAreHeldBack) {
  TestServer server;
  const TestSocket held(server.port()), other(server.port());
  const auto began = Steady::now();
  held.send(get("/pause/300") + get("/pause/100") + get("/after"));
  EXPECT_TRUE(is_served(other));
  EXPECT_LT(Steady::now() - began, milliseconds(290)) << "others have waited too";
  const auto answers = held.hear_answers(3);
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].body, "paused");
  EXPECT_EQ(answers[2].body, "GET /after||127.0.0.1");
  EXPECT_GE(Steady::now() - began, milliseconds(400));
  EXPECT_EQ(server.answered_count(), 4);
  EXPECT_EQ(server.noted_count(), 4);
}

TEST(HttpClients, AreNotKeptWaitingByAServerThatStops) {
  TestServer server;
  const TestSocket held(server.port());
  held.send(get("/pause/60000"));
  std::this_thread::sleep_for(milliseconds(50));
  const auto began = Steady::now();
  server.stop(milliseconds(4'000));
  EXPECT_LT(Steady::now() - began, milliseconds(2'000));
  const auto heard = held.hear();
  ASSERT_EQ(parse_answers(heard.bytes).size(), 1U);
  EXPECT_EQ(heard.end, End::closed);
}

TEST(HttpClients, MayLeaveBeforeTheirAnswer) {
  TestServer server;
  {
    TestSocket leaves(server.port());
    leaves.send(get("/pause/100"));
    std::this_thread::sleep_for(milliseconds(30));
    leaves.reset();
  }
  const auto end = Steady::now() + patience;
  while (Steady::now() < end && server.answered_count() == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(server.noted_count(), 1);
  EXPECT_TRUE(is_served(TestSocket(server.port())));
}

}  // namespace
}  // namespace paylink::http
