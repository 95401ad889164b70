// Idempotency under fire: a key that a hundred requests carry at once has one effect (quality: R3). STORMS says how
// many storms; each is a hundred requests over ten connections.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "answers.hpp"
#include "bodies.hpp"
#include "database.hpp"
#include "payer.hpp"
#include "process.hpp"

namespace paylink::scenario {
namespace {

const std::string links = "/v2/payment_links";
constexpr int connection_count = 10, requests_each = 10;

int storm_count() {
  const char* const wanted = std::getenv("STORMS");
  return wanted != nullptr ? std::atoi(wanted) : 1'000;
}

class Storms : public testing::Test {
 protected:
  Storms() {
    never_record(sandbox.port());  // ten thousand times the same
    for (int i = 0; i < connection_count; ++i) connections.push_back(std::make_unique<Connection>(sandbox.port()));
  }

  Message message(const std::string& method, const std::string& target, const std::string& key,
                  const std::string& body) const {
    return {
        .method = method,
        .target = target,
        .fields = {{"Authorization", sandbox.bearer()}, {"Content-Type", "application/json"}, {"Idempotency-Key", key}},
        .body = body};
  }

  // All at once: each connection sends its ten without waiting.
  std::vector<Answer> blow(const Message& one, const Message& other) {
    const std::string first = wire(one, sandbox.port()), second = wire(other, sandbox.port());
    for (int i = 0; i < connection_count; ++i) {
      std::string sent;
      for (int j = 0; j < requests_each; ++j) sent += (i + j) % 2 == 0 ? first : second;
      EXPECT_TRUE(connections[static_cast<std::size_t>(i)]->send(sent));
    }
    std::vector<Answer> answers;
    for (auto& connection : connections)
      for (int j = 0; j < requests_each; ++j)
        if (auto answer = connection->receive()) answers.push_back(*std::move(answer));
    EXPECT_EQ(answers.size(), std::size_t{connection_count * requests_each});
    return answers;
  }

  // What was answered, by status; and that all answers of `status` have the same bytes.
  static std::map<int, int> count(const std::vector<Answer>& answers, int status, std::string& body) {
    std::map<int, int> counts;
    for (const Answer& answer : answers) {
      ++counts[answer.status];
      if (answer.status != status) continue;
      if (body.empty()) body = answer.body;
      EXPECT_EQ(answer.body, body);
    }
    return counts;
  }

  // On PostgreSQL several write at once: while one has the key, others hear that.
  static void expect(std::map<int, int> counts, const std::map<int, int>& alone) {
    if (!is_on_postgres()) {
      EXPECT_EQ(counts, alone);
      return;
    }
    counts.erase(409);
    EXPECT_GE(counts[201], 1);
    for (const auto& [status, most] : alone) {
      EXPECT_LE(counts[status], most);
      counts.erase(status);
    }
    EXPECT_EQ(counts, (std::map<int, int>{}));
  }

  int stored(const std::string& select) const { return std::stoi(value(sandbox.database(), select)); }

  Sandbox sandbox;
  std::vector<std::unique_ptr<Connection>> connections;
};

TEST_F(Storms, MakeOneLinkEach) {
  for (int storm = 0; storm < storm_count() / 3; ++storm) {
    SCOPED_TRACE(storm);
    const auto create = message("POST", links, "same-" + std::to_string(storm), body(basket));
    std::string made;
    expect(count(blow(create, create), 201, made), {{201, 100}});
  }
  EXPECT_EQ(stored("SELECT count(*) FROM payment_links"), storm_count() / 3);
}

TEST_F(Storms, LetOneOfTwoRequestsHaveTheKey) {
  for (int storm = 0; storm < storm_count() / 3; ++storm) {
    SCOPED_TRACE(storm);
    const std::string key = "two-" + std::to_string(storm);
    std::string made;
    const auto answers = blow(message("POST", links, key, body(basket)), message("POST", links, key, body(invoice)));
    expect(count(answers, 201, made), {{201, 50}, {422, 50}});
  }
  EXPECT_EQ(stored("SELECT count(*) FROM payment_links"), storm_count() / 3);
}

// A flow: while it runs, others with its key hear that.
TEST_F(Storms, SwitchALinkOffOnce) {
  record(sandbox.port());  // until somebody has heard it: nothing else makes that answer
  for (int storm = 0; storm < storm_count() / 3; ++storm) {
    SCOPED_TRACE(storm);
    const Link link = create(sandbox, body(basket));
    const auto off = message("PATCH", links + "/" + link.id + "/deactivate", "off-" + std::to_string(storm), "");
    std::string made;
    const auto answers = blow(off, off);
    const auto counts = count(answers, 200, made);
    for (const Answer& answer : answers)
      if (answer.status == 409) {
        EXPECT_EQ(errors_of(answer), "idempotency_in_progress\n");
      }
    if (counts.contains(409)) never_record(sandbox.port());
    const int done = counts.contains(200) ? counts.at(200) : 0, meanwhile = counts.contains(409) ? counts.at(409) : 0;
    ASSERT_EQ(done + meanwhile, 100);
    ASSERT_GE(done, 1);
    EXPECT_EQ(at(made, "/status"), "canceled");
  }
  EXPECT_EQ(stored(R"(SELECT count(*) FROM outbox_events WHERE payload LIKE '%"event":"updated"%')"),
            storm_count() / 3);
  EXPECT_EQ(stored("SELECT count(*) FROM running_flows"), 0);
}

}  // namespace
}  // namespace paylink::scenario
