#include "runtime/client_limiter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/client_writes.hpp"

namespace paylink::runtime {
namespace {

using namespace std::chrono_literals;
using http::ClientNetwork;
using http::Loopback;

const Moment start{std::chrono::hours(1000)};

ClientNetwork client(std::string_view address) { return ClientNetwork::of(address); }

std::string numbered(int n) {
  return "10." + std::to_string(n / 250 / 250) + "." + std::to_string(n / 250 % 250) + "." + std::to_string(n % 250);
}

// How many of `tries` requests at one moment get through.
int admitted(ClientLimiter& limiter, const ClientNetwork& who, int tries, Moment now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += !limiter.admit(who, now);
  return count;
}

std::uint64_t sum(const std::vector<ClientCount>& counts) {
  std::uint64_t result = 0;
  for (const ClientCount& count : counts) result += count.sum();
  return result;
}

TEST(ClientLimiter, LetsTheLimitThroughAndNotOneMore) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  for (int i = 0; i < 1'000; ++i) ASSERT_FALSE(limiter.admit(who, start + i * 1ms)) << i;
  const auto refused = limiter.admit(who, start + 1s);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->retry_after, 9s);
  EXPECT_EQ(admitted(limiter, client("192.0.2.2"), 1'001, start + 1s), 1'000);  // another client is another matter
}

TEST(ClientLimiter, TellsTheTruthAboutWhenToTryAgain) {
  struct Case {
    const char* name;
    std::chrono::milliseconds apart;  // of the requests that use the limit up
    std::chrono::milliseconds asked;  // after the first
  };
  const Case cases[] = {
      {"at once", 0ms, 0ms},    {"a second later", 0ms, 1'000ms}, {"at the last moment", 0ms, 9'999ms},
      {"in 3 s", 3ms, 3'001ms}, {"in 9 s", 9ms, 9'000ms},         {"over two slices", 1ms, 1'200ms},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ClientLimiter limiter({}, Loopback::limited, 1);
    const auto who = client("192.0.2.1");
    for (int i = 0; i < 1'000; ++i) ASSERT_FALSE(limiter.admit(who, start + i * c.apart));
    const Moment asked = start + c.asked;
    const auto refused = limiter.admit(who, asked);
    ASSERT_TRUE(refused);
    EXPECT_GE(refused->retry_after, 1s);
    EXPECT_LE(refused->retry_after, 10s);
    if (refused->retry_after > 1s) {
      EXPECT_TRUE(limiter.admit(who, asked + refused->retry_after - 1s));  // not sooner
    }
    EXPECT_FALSE(limiter.admit(who, asked + refused->retry_after));
  }
}

// Bursts at the edge of a window get no second limit: in any 9.5 s no more than the limit.
TEST(ClientLimiter, SlidesAndNeverRefusesWhoKeepsToTheLimit) {
  ClientLimiter limiter({.requests_per_10min = 1'000'000}, Loopback::limited, 1);
  const auto burst = client("192.0.2.1");
  EXPECT_EQ(admitted(limiter, burst, 1, start), 1);
  EXPECT_EQ(admitted(limiter, burst, 2'000, start + 9'900ms), 999);
  EXPECT_EQ(admitted(limiter, burst, 2'000, start + 10'000ms), 1);
  EXPECT_EQ(admitted(limiter, burst, 2'000, start + 18'900ms), 0);
  EXPECT_EQ(admitted(limiter, burst, 2'000, start + 19'600ms), 999);
  const auto steady = client("192.0.2.2");
  for (int i = 0; i < 6'000; ++i) ASSERT_FALSE(limiter.admit(steady, start + i * 10ms)) << i;
}

TEST(ClientLimiter, CountsOverTenMinutesToo) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  for (int i = 0; i < 10; ++i) ASSERT_EQ(admitted(limiter, who, 1'000, start + i * 10s), 1'000) << i;
  const auto refused = limiter.admit(who, start + 100s);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->retry_after, 500s);
  EXPECT_TRUE(limiter.admit(who, start + 599s));
  EXPECT_FALSE(limiter.admit(who, start + 600s));
}

TEST(ClientLimiter, WhatIsRefusedIsNotCounted) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  ASSERT_EQ(admitted(limiter, who, 1'000, start), 1'000);
  for (int i = 0; i < 9'999; ++i) ASSERT_TRUE(limiter.admit(who, start + i * 1ms));
  EXPECT_EQ(admitted(limiter, who, 2'000, start + 10s), 1'000);
}

// However many connections he asks on, a client gets a hundred refusals a second.
TEST(ClientLimiter, SpacesRefusals) {
  ClientLimiter limiter({.requests_per_10s = 1}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  ASSERT_FALSE(limiter.admit(who, start));
  for (int i = 0; i < 64; ++i) ASSERT_EQ(limiter.admit(who, start)->pause, i * 10ms);
  EXPECT_EQ(limiter.admit(who, start + 600ms)->pause, 40ms);
  EXPECT_EQ(limiter.admit(who, start + 2s)->pause, 0ms);  // one after the other costs nothing
  for (int i = 0; i < 1'000; ++i) ASSERT_LE(limiter.admit(who, start + 2s)->pause, 5s);
  EXPECT_EQ(limiter.admit(who, start + 2s)->pause, 5s);
  EXPECT_EQ(limiter.admit(who, start + 8s)->pause, 0ms);
}

TEST(ClientLimiter, WhoIsOneClient) {
  struct Case {
    const char* name;
    const char* one;
    const char* other;
    bool same;
  };
  constexpr Case cases[] = {
      {"the same", "192.0.2.1", "192.0.2.1", true},
      {"neighbours", "192.0.2.1", "192.0.2.2", false},
      {"one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
      {"two /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
      {"IPv4 inside IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
      {"IPv4 inside IPv6, another", "::ffff:192.0.2.2", "::ffff:192.0.2.1", false},
      {"IPv4 and the /64 that looks like it", "192.0.2.1", "0:0:c000:201::", false},
      {"no addresses", "unknown", "", true},
      {"no address and the IPv6 loopback", "unknown", "::1", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ClientLimiter limiter({.requests_per_10s = 1}, Loopback::limited, 1);
    ASSERT_FALSE(limiter.admit(client(c.one), start));
    EXPECT_EQ(limiter.admit(client(c.other), start).has_value(), c.same);
  }
}

TEST(ClientLimiter, LoopbackCanBeExempt) {
  ClientLimiter limiter({.requests_per_10s = 1, .unauthorized_per_hour = 1}, Loopback::exempt, 1);
  struct Case {
    const char* address;
    bool limited;
  };
  constexpr Case cases[] = {{"127.0.0.1", false}, {"127.9.8.7", false},        {"::1", false},
                            {"126.0.0.1", true},  {"::ffff:127.0.0.1", false}, {"2001:db8::1", true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.address);
    const auto who = client(c.address);
    ASSERT_FALSE(limiter.admit(who, start));
    EXPECT_EQ(limiter.admit(who, start).has_value(), c.limited);
    ASSERT_FALSE(limiter.fail_to_authenticate(who, start));
    EXPECT_EQ(limiter.fail_to_authenticate(who, start).has_value(), c.limited);
  }
}

TEST(ClientLimiter, FailedAttemptsRunOut) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  for (int i = 0; i < 200; ++i) ASSERT_FALSE(limiter.fail_to_authenticate(who, start + i * 1s)) << i;
  const auto refused = limiter.fail_to_authenticate(who, start + 200s);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->retry_after, 3'400s);
  EXPECT_FALSE(limiter.admit(who, start + 200s));                                 // whoever proves himself is served
  EXPECT_FALSE(limiter.fail_to_authenticate(client("192.0.2.2"), start + 200s));  // and others may fail
  EXPECT_TRUE(limiter.fail_to_authenticate(who, start + 3'599s));
  EXPECT_FALSE(limiter.fail_to_authenticate(who, start + 3'600s));
}

TEST(ClientLimiter, LookupsAreFewAfterTooManyFailures) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  const auto who = client("192.0.2.1");
  for (int i = 0; i < 5'000; ++i) ASSERT_FALSE(limiter.look_up(who, start));
  for (int i = 0; i < 200; ++i) ASSERT_FALSE(limiter.fail_to_authenticate(who, start));
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(limiter.look_up(who, start)) << i;
  const auto refused = limiter.look_up(who, start + 999ms);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->retry_after, 1s);
  EXPECT_FALSE(limiter.look_up(who, start + 1'000ms));
}

// Moving about in one's own network helps, but not for long.
TEST(ClientLimiter, LargeNetworksAreCountedAsAWhole) {
  ClientLimiter limiter({.requests_per_10s = 10}, Loopback::limited, 1);
  int through = 0;
  for (int i = 0; i < 1'000; ++i)
    through += !limiter.admit({0x20010db800010000ULL + static_cast<unsigned>(i), 64, ClientNetwork::Family::v6}, start);
  EXPECT_EQ(through, 160);
  for (int i = 0; i < 10'000; ++i)
    through += !limiter.admit(
        {0x20010db800020000ULL + (static_cast<std::uint64_t>(i) << 16), 64, ClientNetwork::Family::v6}, start);
  EXPECT_EQ(through, 640);
  EXPECT_FALSE(limiter.admit(client("2001:db9::1"), start));
  // What the network was refused has cost its members nothing.
  EXPECT_EQ(admitted(limiter, client("2001:db8:1:3e7::1"), 100, start + 10s), 10);
}

TEST(ClientLimiter, ForgetsWhoSpentLeast) {
  ClientLimiter limiter({.requests_per_10s = 5, .unauthorized_per_hour = 5}, Loopback::limited, 1, 8);
  const auto heavy = client("192.0.2.1"), failing = client("192.0.2.2");
  ASSERT_EQ(admitted(limiter, heavy, 6, start), 5);
  for (int i = 0; i < 6; ++i) (void)limiter.fail_to_authenticate(failing, start);
  for (int i = 0; i < 50'000; ++i) ASSERT_FALSE(limiter.admit(client(numbered(i)), start)) << i;
  EXPECT_EQ(limiter.remembered(), 8U);
  EXPECT_TRUE(limiter.admit(heavy, start + 1s));
  EXPECT_TRUE(limiter.fail_to_authenticate(failing, start + 1s));
  // Idle for ten minutes, a client is as good as new and gives way.
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(limiter.admit(client(numbered(i)), start + 11min));
  EXPECT_EQ(admitted(limiter, heavy, 6, start + 11min), 5);
}

TEST(ClientLimiter, CountsExactlyFromSeveralThreads) {
  ClientLimiter limiter({}, Loopback::limited, 1);
  std::atomic<int> through = 0, failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 1'000; ++i) {
          through += !limiter.admit(client("2001:db8::1"), start + i * 1us);
          failed += !limiter.fail_to_authenticate(client("192.0.2.1"), start + i * 1us);
          (void)limiter.admit(client(numbered(i * 4 + t)), start);
        }
      });
  }
  EXPECT_EQ(through, 1'000);
  EXPECT_EQ(failed, 200);
}

TEST(ClientLimiter, RemembersNoMoreClientsForWhatIsTold) {
  const auto who = client("192.0.2.1");
  ClientLimiter limiter({}, Loopback::limited, 1, 64);
  std::vector<ClientCount> counts;
  for (int i = 0; i < 10'000; ++i) counts.push_back({client(numbered(i)), 1, 0});
  limiter.add_foreign(std::vector<ClientCount>{{who, 1'000, 0}}, 0s, start);
  limiter.add_foreign(counts, 0s, start);
  EXPECT_EQ(limiter.remembered(), 64U);
  EXPECT_TRUE(limiter.admit(who, start));  // who spent most is not forgotten
  EXPECT_TRUE(limiter.take_admitted(100).empty());
}

TEST(ClientLimiter, CountsWhatItIsToldWhereItBelongs) {
  const auto who = client("192.0.2.1");
  struct Case {
    const char* name;
    std::chrono::milliseconds age;
    std::chrono::milliseconds asked;  // after it was told
    int left;
  };
  constexpr Case cases[] = {{"now", 0ms, 0ms, 400},
                            {"now, at the end", 0ms, 9'999ms, 400},
                            {"now, after it", 0ms, 10s, 1'000},
                            {"a while ago", 6s, 3'900ms, 400},
                            {"a while ago, after it", 6s, 4s, 1'000},
                            {"at the end", 9'500ms, 0ms, 400},
                            {"too long ago", 10s, 0ms, 1'000},
                            {"longer than any window", 100h, 0ms, 1'000}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ClientLimiter limiter({}, Loopback::limited, 1);
    limiter.add_foreign(std::vector<ClientCount>{{who, 600, 0}}, c.age, start);
    EXPECT_EQ(admitted(limiter, who, 2'000, start + c.asked), c.left);
  }
}

TEST(ClientLimiter, SurvivesCountsThatCannotBe) {
  const auto who = client("192.0.2.1");
  ClientLimiter limiter({}, Loopback::limited, 1);
  const std::vector<ClientCount> counts{{who, 0xffff'ffff, 0xffff'ffff}};
  for (int i = 0; i < 3; ++i) limiter.add_foreign(counts, i * 1s, start);
  EXPECT_TRUE(limiter.admit(who, start));
  EXPECT_TRUE(limiter.fail_to_authenticate(who, start));
  EXPECT_EQ(admitted(limiter, who, 2'000, start + 10min), 1'000);
  EXPECT_FALSE(limiter.fail_to_authenticate(who, start + 1h));
}

TEST(ClientLimiter, TellsOnlyWhatGoesOn) {
  ClientLimiter limiter({.requests_per_10s = 10, .unauthorized_per_hour = 1}, Loopback::limited, 1);
  const auto who = client("2001:db8:1:2::3");
  EXPECT_EQ(admitted(limiter, who, 20, start), 10);
  for (int i = 0; i < 2; ++i) (void)limiter.fail_to_authenticate(who, start);
  auto taken = limiter.take_admitted(10);
  std::ranges::sort(taken, std::less(), [](const ClientCount& count) { return count.client.bits; });
  const std::vector<ClientCount> expected = {{*who.wider(32), 10, 0}, {*who.wider(48), 10, 0}, {who, 10, 1}};
  EXPECT_EQ(taken, expected);
  EXPECT_TRUE(limiter.take_admitted(10).empty());
  // What a network around a client refuses is told of nobody.
  for (std::uint64_t i = 0; i < 200; ++i)
    (void)limiter.admit({0x20010db800010100ULL + i, 64, ClientNetwork::Family::v6}, start);
  EXPECT_EQ(sum(limiter.take_admitted(1'000)), 3 * 150U);
}

TEST(ClientLimiter, TellsEverythingOnceThoughThreadsGoOn) {
  ClientLimiter limiter({.requests_per_10min = 1'000'000}, Loopback::limited, 1), other({}, Loopback::limited, 2);
  std::atomic<int> running = 4;
  std::atomic<std::uint64_t> through = 0;
  std::uint64_t told = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 4'000; ++i) {
          through += !limiter.admit(client(numbered(i % 50)), start);
          through += !limiter.fail_to_authenticate(client(numbered(t)), start);
        }
        --running;
      });
    while (running > 0) {
      const auto taken = limiter.take_admitted(20);
      other.add_foreign(taken, 0s, start);
      told += sum(taken);
    }
  }
  told += sum(limiter.take_admitted(100));
  EXPECT_EQ(told, through);
  EXPECT_EQ(told, 16'000 + 4 * 200U);
}

TEST(ClientWrites, HasRoomForSoManyOfEach) {
  ClientWrites writes(3, Loopback::exempt, 1);
  const auto who = client("192.0.2.1");
  std::vector<ClientWrites::Ticket> tickets;
  for (int i = 0; i < 3; ++i) {
    const auto ticket = writes.enter(who);
    ASSERT_TRUE(ticket);
    EXPECT_NE(*ticket, 0U);
    tickets.push_back(*ticket);
  }
  EXPECT_FALSE(writes.enter(who));
  EXPECT_TRUE(writes.enter(client("192.0.2.2")));
  writes.leave(tickets.front());
  EXPECT_TRUE(writes.enter(who));
  EXPECT_FALSE(writes.enter(who));
  for (int i = 0; i < 10; ++i) {
    const auto ticket = writes.enter(client("127.0.0.1"));
    ASSERT_TRUE(ticket);
    if (i % 2 == 0) writes.leave(*ticket);
  }
}

}  // namespace
}  // namespace paylink::runtime
