// What lists of large links cost the server, and those who ask for something else.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <fstream>
#include <iostream>
#include <thread>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links", organization = "/v2/organization";
constexpr std::int64_t mebibyte = 1024 * 1024, held_bytes = 96 * mebibyte;

// A hundred links, each nearly as large as a body may be: a page of 24 MB.
class LargeLists : public testing::Test {
 protected:
  LargeLists() {
    never_record(sandbox.port());
    const Object large = item.with("description", quoted(std::string(2'000, 'd')));
    const std::string body = with_items(std::vector<Object>(115, large));
    Connection connection(sandbox.port());
    for (int i = 0; i < 100; ++i) {
      connection.send(wire({.method = "POST",
                            .target = links,
                            .fields = {{"Authorization", sandbox.bearer()}, {"Content-Type", "application/json"}},
                            .body = body},
                           sandbox.port()));
      EXPECT_EQ(connection.receive().value_or(Answer{}).status, 201);
    }
  }

  std::string request(const std::string& target) const {
    return wire({.target = target, .fields = {{"Authorization", sandbox.bearer()}}}, sandbox.port());
  }

  // Of the server's process, in bytes: VmRSS, or VmHWM for the highest since `forget_highest`.
  std::int64_t resident(const std::string& name) const {
    std::ifstream status("/proc/" + sandbox.ready("/pid") + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(name + ":")) return std::atoll(line.c_str() + name.size() + 1) * 1024;
    ADD_FAILURE() << "no " << name;
    return 0;
  }
  // Nobody but root may, as the program lets nobody look into it: then the highest is since its start, with what the
  // links took that are here already.
  void forget_highest() const {
    std::ofstream refs("/proc/" + sandbox.ready("/pid") + "/clear_refs");
    if (!(refs << "5" << std::flush)) std::cout << "not root: the server's peak is taken from its start\n";
  }

  // A sanitizer would keep what is freed.
  const Sandbox sandbox{{"--limits-held-bytes", std::to_string(held_bytes)}, {"ASAN_OPTIONS=quarantine_size_mb=8"}};
};

TEST_F(LargeLists, OfThoseWhoDoNotReadTakeBoundedMemory) {
  forget_highest();
  const std::int64_t before = resident("VmRSS");
  std::deque<Connection> silent;
  for (int i = 0; i < 30; ++i) silent.emplace_back(sandbox.port()).send(request(links));
  // Whoever reads is served all the while, and after those who came before.
  EXPECT_EQ(sandbox.get(organization).status, 200);
  const Answer answer = sandbox.get(links);
  EXPECT_EQ(answer.status, 200);
  const auto size = static_cast<std::int64_t>(answer.body.size());
  EXPECT_GT(size, 23'000'000);
  // Two are made at a time, each from as much as it is long, and on PostgreSQL from the server's answer too; and the
  // storage and a sanitizer have their caches.
  const std::int64_t copies = is_on_postgres() ? 4 : 2;
  EXPECT_LT(resident("VmHWM") - before, held_bytes + 2 * copies * size + 64 * mebibyte);
  silent.clear();
  // The two connections that read lists from PostgreSQL keep room for the longest answer.
  const std::int64_t kept = 48 * mebibyte + (is_on_postgres() ? 2 * size : 0);
  EXPECT_TRUE(eventually([&] { return resident("VmRSS") - before < kept; })) << resident("VmRSS") - before;
}

TEST_F(LargeLists, DoNotKeepOthersWaiting) {
  std::atomic<bool> is_over = false;
  std::atomic<int> lists = 0;
  std::thread reader([&] {
    Connection connection(sandbox.port());
    for (; !is_over; ++lists) {
      connection.send(request(links));
      if (connection.receive().value_or(Answer{}).status != 200) return;
    }
  });
  EXPECT_TRUE(eventually([&] { return lists > 0; }));
  Connection connection(sandbox.port());
  std::vector<std::chrono::steady_clock::duration> times;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) {
    // Its time begins when it is due: one long wait is that of all who would have asked meanwhile.
    const auto due = begin + i * std::chrono::milliseconds(10);
    std::this_thread::sleep_until(due);
    connection.send(request(organization));
    EXPECT_EQ(connection.receive().value_or(Answer{}).status, 200);
    times.push_back(std::chrono::steady_clock::now() - due);
  }
  is_over = true;
  reader.join();
  EXPECT_GT(lists, 1);
  std::ranges::sort(times);
  EXPECT_LT(times[times.size() / 2], std::chrono::milliseconds(20));
}

}  // namespace
}  // namespace paylink::scenario
