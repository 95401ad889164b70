#include "app/due_times.hpp"

#include <gtest/gtest.h>

#include "app/refund_payment.hpp"
#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::euros;

// A shop whose clock is three days ahead, until it is set back.
class DueTimesTest : public ::testing::Test, public testing::Shop {
 protected:
  DueTimesTest() { database.clock.advance(72h); }
  void set_back() { database.clock.advance(-72h); }
  void put_looks_off(Time until) {
    ENSURE(database.execute_script("UPDATE connections SET chargebacks_due_at = " +
                                   std::to_string(to_microseconds(until))));
  }
  int bring_forward() {
    return *database.write([](sql::Transaction& tx) { return app::bring_forward(10, tx); });
  }
};

TEST_F(DueTimesTest, APaymentWhoseNoticeWasLostIsSettled) {
  const Attempt attempt = begin();
  provider.pay("tr_1");
  set_back();
  let_pass(1h);
  EXPECT_EQ(stored(attempt).state, AttemptState::open) << "its time has not come for three days";
  EXPECT_EQ(bring_forward(), 1);
  EXPECT_EQ(bring_forward(), 0);
  reconcile();
  EXPECT_EQ(stored(attempt).state, AttemptState::open) << "somebody may just be at it";
  let_pass(2min);
  EXPECT_EQ(stored(attempt).state, AttemptState::paid);
  expect_sound_books();
}

// Half of it at most: the provider itself refuses to give back more than there is. It has forgotten the key, which by
// our clock is no minute old.
TEST_F(DueTimesTest, ARefundIsMadeOnce) {
  const Attempt attempt = begin();
  provider.pay("tr_1");
  settle(attempt);
  const Caller caller{organization.id, {}, {}};
  ASSERT_TRUE(database.write(organization.id, [&](sql::Transaction& tx) {
    return refund_payment({{attempt.payment_link, attempt.id}, euros(330)}, caller, tx);
  }));
  provider.lose_next_answer = true;
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 1U);
  provider.forget_keys();
  set_back();
  EXPECT_EQ(bring_forward(), 1);
  let_pass(2min);
  EXPECT_EQ(provider.refunds.size(), 1U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  expect_sound_books();
}

TEST_F(DueTimesTest, ChargebacksAreLookedForButWhereThatHasEnded) {
  const auto due_at = [&] { return database.number("SELECT chargebacks_due_at FROM connections"); };
  put_looks_off(database.clock.now() + 8h);
  set_back();
  EXPECT_EQ(bring_forward(), 1);
  EXPECT_EQ(due_at(), to_microseconds(database.clock.now() + 2min));
  put_looks_off(Time::max());
  EXPECT_EQ(bring_forward(), 0);
}

TEST_F(DueTimesTest, AFewAreTakenAtATime) {
  for (int i = 0; i < 3; ++i) {
    link = store::testing::add_link(database, organization.id);
    begin();
  }
  set_back();
  const auto two = [](sql::Transaction& tx) { return app::bring_forward(2, tx); };
  EXPECT_EQ(*database.write(two), 2);
  EXPECT_EQ(*database.write(two), 1);
  EXPECT_EQ(*database.write(two), 0);
}

TEST_F(DueTimesTest, NothingIsHurriedThatWaitsAsUsual) {
  const Attempt attempt = begin();
  let_pass(24h);  // at longer and longer intervals, up to an hour
  put_looks_off(database.clock.now() + 8h);
  EXPECT_EQ(bring_forward(), 0);
  EXPECT_EQ(stored(attempt).state, AttemptState::open);
}

}  // namespace
}  // namespace paylink::app
