#include <gtest/gtest.h>

#include "app/testing_refunds.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::RefundingShop;
using store::testing::euros;

// What a merchant refunds at the provider itself, which we only hear of.
class ExternalRefunds : public ::testing::Test, public RefundingShop {
 protected:
  ExternalRefunds() {
    provider.pay("tr_1");
    paid = settle(paid);
  }

  void notice() { RefundingShop::notice(paid); }
  Result<Refund> refund(std::optional<Money> amount = {}) { return RefundingShop::refund(paid, amount); }
  std::string listed() { return RefundingShop::listed(paid); }

  Attempt paid = begin();
};

TEST_F(ExternalRefunds, AreBookedOnceAndTakeFromWhatIsLeft) {
  const auto events = [&] { return database.number("SELECT COUNT(*) FROM outbox_events"); };
  const auto before = events();
  provider.refund_by_hand("tr_1", euros(500), ProviderRefundState::refunded);
  for (int i = 0; i < 3; ++i) notice();
  EXPECT_EQ(listed(), "external 5.00 refunded");
  EXPECT_EQ(events(), before + 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'refund'"), 2);
  EXPECT_EQ(refund(euros(831)).error().reason, "out_of_range");
  ASSERT_TRUE(refund(euros(830)));
  reconcile();
  EXPECT_EQ(listed(), "requested 8.30 refunded, external 5.00 refunded");
  notice();
  EXPECT_EQ(listed(), "requested 8.30 refunded, external 5.00 refunded") << "our own is nobody else's";
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  expect_sound_books();
}

TEST_F(ExternalRefunds, AreFollowedUntilTheyEnd) {
  provider.refund_by_hand("tr_1", euros(500), ProviderRefundState::pending);
  notice();
  provider.refund_by_hand("tr_1", euros(100), ProviderRefundState::pending);
  provider.refund_by_hand("tr_1", euros(7), ProviderRefundState::failed);
  notice();
  EXPECT_EQ(listed(), "external 1.00 pending, external 5.00 pending");
  EXPECT_EQ(database.number("SELECT refunds_minor FROM captures"), 600);
  provider.refunds[0].state = ProviderRefundState::refunded;
  provider.refunds[1].state = ProviderRefundState::failed;
  let_pass(10min);
  EXPECT_EQ(listed(), "external 1.00 failed, external 5.00 refunded");
  EXPECT_EQ(database.number("SELECT refunds_minor FROM captures"), 500);
  EXPECT_EQ(provider.refund_calls, 0);
  notice();
  EXPECT_EQ(listed(), "external 1.00 failed, external 5.00 refunded");
  expect_sound_books();
}

TEST_F(ExternalRefunds, ANoticeTellsOfTheirEndToo) {
  provider.refund_by_hand("tr_1", euros(500), ProviderRefundState::pending);
  notice();
  provider.refunds[0].state = ProviderRefundState::refunded;
  notice();
  EXPECT_EQ(listed(), "external 5.00 refunded");
  expect_sound_books();
}

TEST_F(ExternalRefunds, MoreThanCameInIsForTheOperator) {
  provider.refund_by_hand("tr_1", euros(1331), ProviderRefundState::refunded);
  for (int i = 0; i < 2; ++i) notice();
  EXPECT_EQ(listed(), "");
  EXPECT_EQ(alerts("refund_exceeds"), 1);
  expect_sound_books();
}

TEST_F(ExternalRefunds, TakeThePlaceOfWhatWasNotSent) {
  ASSERT_TRUE(refund());
  provider.refund_by_hand("tr_1", euros(1330), ProviderRefundState::refunded);
  notice();
  EXPECT_EQ(listed(), "external 13.30 refunded, requested 13.30 failed");
  reconcile();
  EXPECT_EQ(provider.refund_calls, 0);
  EXPECT_EQ(database.number("SELECT refunds_minor FROM captures"), 1330);
  EXPECT_EQ(refund().error().reason, "invalid_status");
  expect_sound_books();
}

// The provider has refused ours, and the merchant has helped himself.
TEST_F(ExternalRefunds, TakeThePlaceOfWhatWasRefused) {
  ASSERT_TRUE(refund());
  provider.refund_failures = {FakeProvider::refused()};
  reconcile();
  provider.refund_by_hand("tr_1", euros(100), ProviderRefundState::refunded);
  notice();
  EXPECT_EQ(listed(), "external 1.00 refunded, requested 13.30 failed");
  EXPECT_EQ(database.number("SELECT refunds_minor FROM captures"), 100);
  expect_sound_books();
}

TEST_F(ExternalRefunds, DoNotTakeThePlaceOfWhatMayBeUnderWay) {
  ASSERT_TRUE(refund());
  provider.refund_failures = {FakeProvider::silent()};
  reconcile();
  provider.refund_by_hand("tr_1", euros(100), ProviderRefundState::refunded);
  notice();
  EXPECT_EQ(listed(), "requested 13.30 requested");
  let_pass(5min);
  EXPECT_EQ(listed(), "external 1.00 refunded, requested 13.30 failed") << "it was not";
  EXPECT_EQ(provider.refund_calls, 1);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink::app
