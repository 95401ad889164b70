#include "runtime/count_exchange.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "app/testing.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using http::ClientNetwork;
using http::Loopback;

const Moment start{std::chrono::hours(1000)};
const ClientNetwork who = ClientNetwork::of("192.0.2.1");

ClientNetwork numbered(int n) { return {0x0a000000U + static_cast<std::uint32_t>(n), 32, ClientNetwork::Family::v4}; }

// How many of `tries` requests at one moment get through.
int admitted(ClientLimiter& limiter, int tries, Moment now, const ClientNetwork& client = who) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += !limiter.admit(client, now);
  return count;
}

int failed(ClientLimiter& limiter, int tries, Moment now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += !limiter.fail_to_authenticate(who, now);
  return count;
}

struct TestNode {
  TestNode(app::Lane& lane, store::testing::Database& database, const ClientLimits& limits, std::uint64_t seed)
      : limiter(limits, Loopback::limited, seed), exchange(limiter, lane, database.clock, database.random) {}

  ClientLimiter limiter;
  CountExchange exchange;
};

// Some nodes that share a database.
struct CountExchangeTest : ::testing::Test {
  TestNode& add_node(const ClientLimits& limits = {}) {
    return nodes.emplace_back(lane, database, limits, nodes.size());
  }
  void add_nodes(int count, const ClientLimits& limits = {}) {
    for (int i = 0; i < count; ++i) add_node(limits);
  }
  void pass(std::chrono::milliseconds time) {
    database.clock.advance(time);
    now += time;
  }
  // Everybody tells, and then everybody has heard.
  void exchange() {
    for (int round = 0; round < 2; ++round)
      for (TestNode& node : nodes) ASSERT_TRUE(app::testing::now(node.exchange.exchange(now)).has_value());
  }
  int rows() { return static_cast<int>(database.number("SELECT COUNT(*) FROM node_counts")); }

  store::testing::Database database;
  app::testing::TestLane lane{database};
  std::deque<TestNode> nodes;
  Moment now = start;
};

TEST_F(CountExchangeTest, NodesGrantTogetherWhatOneWould) {
  add_nodes(3);
  EXPECT_EQ(admitted(nodes[0].limiter, 300, now), 300);
  EXPECT_EQ(admitted(nodes[1].limiter, 400, now), 400);
  exchange();
  EXPECT_EQ(admitted(nodes[2].limiter, 100, now), 100);
  exchange();
  EXPECT_EQ(admitted(nodes[0].limiter, 1'000, now), 200);
  exchange();
  for (TestNode& node : nodes) EXPECT_EQ(admitted(node.limiter, 1'000, now), 0);
  const auto refused = nodes[2].limiter.admit(who, now);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->retry_after, 10s);
  EXPECT_EQ(admitted(nodes[2].limiter, 2'000, now + 10s), 1'000);
}

// A client that asks all nodes as fast as it can gets more than the limit only before they have heard of one another.
TEST_F(CountExchangeTest, TheSumExceedsTheLimitByOneIntervalAtMost) {
  add_nodes(3, {.requests_per_10min = 1'000'000});
  constexpr int per_tick = 10, ticks = 10;  // of 100 ms: 300 requests a second
  constexpr int in_interval = 3 * per_tick * ticks;
  std::deque<int> seconds;  // what got through in each of the last nine: a window counts for 9.5 at least
  int overall = 0;
  for (int second = 0; second < 60; ++second) {
    int through = 0;
    for (int tick = 0; tick < ticks; ++tick) {
      for (TestNode& node : nodes) through += admitted(node.limiter, per_tick, now);
      pass(100ms);
    }
    exchange();
    seconds.push_back(through);
    if (seconds.size() > 9) seconds.pop_front();
    overall += through;
    int total = 0;
    for (const int part : seconds) total += part;
    ASSERT_LE(total, 1'000 + in_interval) << second;
  }
  EXPECT_GE(overall, 6'000);  // and he gets what is his
}

TEST_F(CountExchangeTest, CountsFailedAttemptsOfAllNodes) {
  add_nodes(2);
  EXPECT_EQ(failed(nodes[0].limiter, 150, now), 150);
  exchange();
  EXPECT_EQ(failed(nodes[1].limiter, 100, now), 50);
  exchange();
  EXPECT_TRUE(nodes[0].limiter.fail_to_authenticate(who, now));
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(nodes[0].limiter.look_up(who, now)) << i;
  EXPECT_TRUE(nodes[0].limiter.look_up(who, now));
  EXPECT_FALSE(nodes[0].limiter.admit(who, now));  // whoever proves himself is served
  EXPECT_EQ(failed(nodes[0].limiter, 300, now + 1h), 200);
}

TEST_F(CountExchangeTest, CountsLargeNetworksOfAllNodes) {
  add_nodes(2, {.requests_per_10s = 10});
  int through = 0;
  for (unsigned i = 0; i < 200; ++i) {
    through += !nodes[i % 2].limiter.admit({0x20010db800010000ULL + i, 64, ClientNetwork::Family::v6}, now);
    if (i % 20 == 19) exchange();
  }
  EXPECT_EQ(through, 160);
}

TEST_F(CountExchangeTest, TellsNothingWhenNothingWasLetThrough) {
  add_nodes(2, {.requests_per_10s = 1});
  exchange();
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(lane.writes, 0);
  EXPECT_EQ(admitted(nodes[0].limiter, 5, now), 1);
  exchange();
  EXPECT_EQ(rows(), 1);  // not by him who has only heard of it
  EXPECT_EQ(admitted(nodes[0].limiter, 5, now), 0);
  EXPECT_EQ(admitted(nodes[1].limiter, 5, now), 0);
  exchange();
  EXPECT_EQ(rows(), 1);
}

// While nothing can be stored, each second is kept apart, and then counts where it belongs.
TEST_F(CountExchangeTest, TellsLaterWhatCouldNotBeStored) {
  add_nodes(2);
  lane.writes_left = 0;
  for (int second = 0; second < 30; ++second) {
    EXPECT_EQ(admitted(nodes[0].limiter, 30, now), 30);
    EXPECT_FALSE(app::testing::now(nodes[0].exchange.exchange(now)).has_value());
    pass(1s);
  }
  lane.writes_left = -1;
  exchange();
  EXPECT_EQ(rows(), 30);
  // Of the last ten seconds 300 at least and one slice more at most.
  const int left = admitted(nodes[1].limiter, 2'000, now);
  EXPECT_LE(left, 700);
  EXPECT_GE(left, 670);
  // And of ten minutes all 900.
  int more = 0;
  for (int i = 1; i <= 10; ++i) more += admitted(nodes[1].limiter, 2'000, now + i * 10s);
  EXPECT_EQ(left + more, 10'000 - 900);
}

TEST_F(CountExchangeTest, KeepsAMinuteOfWhatCannotBeStored) {
  add_nodes(1);
  lane.writes_left = 0;
  for (int second = 0; second < 100; ++second) {
    EXPECT_EQ(admitted(nodes[0].limiter, 1, now), 1);
    (void)app::testing::now(nodes[0].exchange.exchange(now));
    pass(1s);
  }
  lane.writes_left = -1;
  exchange();
  EXPECT_EQ(rows(), 60);
}

TEST_F(CountExchangeTest, AFreshNodeHearsTheLastMinute) {
  add_nodes(1);
  EXPECT_EQ(admitted(nodes[0].limiter, 1'000, now), 1'000);
  exchange();
  add_node();
  exchange();
  EXPECT_EQ(admitted(nodes[1].limiter, 10, now), 0);
}

TEST_F(CountExchangeTest, PassesOverWhatItCannotRead) {
  add_nodes(2);
  const Uuid stranger = Uuid::v7(database.clock.now(), database.random);
  const std::string good = encode_client_counts(std::vector<ClientCount>{{who, 1'000, 0}});
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(store::NodeCounts(tx).insert(stranger, {1, tx.now(), good + "x"}));
    return store::NodeCounts(tx).insert(stranger, {2, tx.now(), good});
  }));
  exchange();
  EXPECT_EQ(admitted(nodes[0].limiter, 10, now), 0);
}

TEST_F(CountExchangeTest, TellsOfTheBusiestFirst) {
  add_nodes(2, {.requests_per_10s = 4});
  constexpr int clients = 3'000;
  for (int i = 0; i < clients; ++i) ASSERT_EQ(admitted(nodes[0].limiter, 1 + i % 3, now, numbered(i)), 1 + i % 3);
  ASSERT_TRUE(app::testing::now(nodes[0].exchange.exchange(now)).has_value());
  EXPECT_LE(database.number("SELECT MAX(LENGTH(counts)) FROM node_counts"), 1 + 18 * 2'048);
  ASSERT_TRUE(app::testing::now(nodes[1].exchange.exchange(now)).has_value());
  int known = 0;
  for (int i = 2; i < clients; i += 3) known += admitted(nodes[1].limiter, 10, now, numbered(i)) == 1;
  EXPECT_EQ(known, clients / 3);  // all who asked three times
  for (TestNode& node : nodes) ASSERT_TRUE(app::testing::now(node.exchange.exchange(now)).has_value());
  ASSERT_TRUE(app::testing::now(nodes[1].exchange.exchange(now)).has_value());
  known = 0;
  for (int i = 0; i < clients; i += 3) known += admitted(nodes[1].limiter, 10, now, numbered(i)) == 3;
  EXPECT_EQ(known, clients / 3);  // the others the next time
}

}  // namespace
}  // namespace paylink::runtime
