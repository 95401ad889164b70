#include "app/flows.hpp"

#include <gtest/gtest.h>

#include "app/due_times.hpp"
#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

class FlowsTest : public ::testing::Test {
 protected:
  Result<BegunFlow> begin(std::string_view body = "{}", Idempotency rule = Idempotency::strict) {
    const auto request = IdempotentRequest::create(caller, "PATCH /things", "key", "/things/1", body, rule);
    return database.write(caller.organization, [&](sql::Transaction& tx) {
      return begin_flow(request, caller, {"PATCH", "/things/1", body}, tx);
    });
  }
  RunningFlow begun() { return std::get<RunningFlow>(*begin()); }
  Result<> finish(const RunningFlow& flow) {
    return database.write(flow.organization,
                          [&](sql::Transaction& tx) { return finish_flow(flow, 200, "answer", tx); });
  }
  std::optional<RunningFlow> take_over() {
    return *database.write([](sql::Transaction& tx) { return take_over_flow(tx); });
  }

  Database database;
  Caller caller{store::testing::add_organization(database, "shop").id, Uuid::v4(database.random), {}};
};

TEST_F(FlowsTest, AnswersOnceItIsFinished) {
  const RunningFlow flow = begun();
  EXPECT_EQ(begin().error().reason, "idempotency_in_progress");
  ASSERT_TRUE(finish(flow));
  const auto again = begin();
  ASSERT_TRUE(again && std::holds_alternative<ReplayedAnswer>(*again));
  EXPECT_EQ(std::get<ReplayedAnswer>(*again).body, "answer");
  EXPECT_EQ(begin("other").error().reason, "idempotency_key_reused");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM running_flows"), 0);
}

TEST_F(FlowsTest, RefusesAnotherRequestWhileItRuns) {
  begun();
  EXPECT_EQ(begin("other").error().reason, "idempotency_key_reused");
  EXPECT_EQ(begin("other", Idempotency::lax).error().reason, "idempotency_in_progress");
}

TEST_F(FlowsTest, StaysTheFirstRequestWhenTheRuleIsLax) {
  begun();
  database.clock.advance(2min);
  EXPECT_EQ(begin("other", Idempotency::lax).error().reason, "idempotency_in_progress");
  const auto flow = take_over();
  ASSERT_TRUE(flow);
  EXPECT_EQ(flow->body, "{}");
  ASSERT_TRUE(finish(*flow));
  const auto replayed = begin("other", Idempotency::lax);
  ASSERT_TRUE(replayed && std::holds_alternative<ReplayedAnswer>(*replayed));
  EXPECT_EQ(std::get<ReplayedAnswer>(*replayed).body, "answer");
}

// Where no body is expected any may come.
TEST_F(FlowsTest, KeepsNothingOfABodyThatIsNoText) {
  for (const std::string_view body : {std::string_view("\xff"), std::string_view("{}\0", 3)}) {
    const auto flow = begin(body);
    ASSERT_TRUE(flow);
    EXPECT_EQ(std::get<RunningFlow>(*flow).body, "");
    EXPECT_EQ(begin(body).error().reason, "idempotency_in_progress");
    EXPECT_EQ(begin("").error().reason, "idempotency_key_reused");  // it is another request
    ASSERT_TRUE(finish(std::get<RunningFlow>(*flow)));
    EXPECT_TRUE(std::holds_alternative<ReplayedAnswer>(*begin(body)));
    ASSERT_TRUE(database.execute_script("DELETE FROM idempotency_keys"));
  }
}

TEST_F(FlowsTest, FreesTheKeyOfAFailure) {
  const RunningFlow flow = begun();
  ASSERT_TRUE(database.write(flow.organization, [&](sql::Transaction& tx) { return abandon_flow(flow, tx); }));
  EXPECT_TRUE(std::holds_alternative<RunningFlow>(*begin("other")));
}

TEST_F(FlowsTest, IsTakenOverWhenItsLeaseHasPassed) {
  const RunningFlow first = begun();
  EXPECT_FALSE(take_over());
  database.clock.advance(2min - 1us);
  EXPECT_FALSE(take_over());
  EXPECT_FALSE(begin());
  database.clock.advance(1us);
  const auto second = take_over();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->body, "{}");
  EXPECT_EQ(second->method, "PATCH");
  EXPECT_EQ(second->target, "/things/1");
  EXPECT_EQ(second->principal, caller.principal);
  EXPECT_FALSE(take_over());
  EXPECT_EQ(finish(first).error().reason, "idempotency_in_progress");  // nothing of the first run may stay
  EXPECT_TRUE(finish(*second));
}

TEST_F(FlowsTest, IsTakenOverByItsClient) {
  const RunningFlow first = begun();
  database.clock.advance(2min);
  const RunningFlow second = begun();
  EXPECT_FALSE(finish(first));
  EXPECT_TRUE(finish(second));
}

TEST_F(FlowsTest, IsTakenOverAtOnceWhenItsProcessIsGone) {
  begun();
  ASSERT_TRUE(database.write(end_flow_leases));
  EXPECT_TRUE(take_over());
}

TEST_F(FlowsTest, IsTakenOverWhenTheClockWasSetBack) {
  const auto look = [](sql::Transaction& tx) { return bring_forward(10, tx); };
  database.clock.advance(72h);
  begun();
  ASSERT_TRUE(database.write(look));
  EXPECT_FALSE(take_over()) << "it has only just been begun";
  database.clock.advance(-72h);
  EXPECT_FALSE(take_over());
  ASSERT_TRUE(database.write(look));
  EXPECT_FALSE(take_over()) << "somebody may be at it";
  database.clock.advance(2min);
  EXPECT_TRUE(take_over());
}

TEST_F(FlowsTest, IsNotBegunForEver) {
  begun();
  for (int runs = 2; runs <= 5; ++runs) {
    database.clock.advance(2min);
    ASSERT_TRUE(take_over());
  }
  database.clock.advance(2min);
  EXPECT_FALSE(take_over());
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM running_flows"), 0);
}

}  // namespace
}  // namespace paylink::app
