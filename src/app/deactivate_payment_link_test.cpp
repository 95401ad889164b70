#include "app/deactivate_payment_link.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"

namespace paylink::app {
namespace {

using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;

class DeactivateTest : public ::testing::Test, public Shop {
 protected:
  // An attempt that the provider says is `state`.
  Attempt begin_and_settle(AttemptState state) {
    const Attempt attempt = begin();
    provider.payments.at("tr_1").state = state;
    return settle(attempt);
  }
};

Result<PaymentLink> deactivate(Shop& shop, const KeepReply<PaymentLink>& keep) {
  const DeactivatePaymentLink flow(shop.lane, shop.payments);
  return now(flow({shop.link.id}, {shop.organization.id, {}, {}}, keep));
}

Result<PaymentLink> deactivate(Shop& shop) {
  return deactivate(shop, [](const PaymentLink&, sql::Transaction&) { return Result<>(); });
}

TEST_F(DeactivateTest, GivesBackWhatComesAfterALinkWasSwitchedOff) {
  for (const auto reusable : {Reusable::no, Reusable::yes}) {
    Shop shop;
    shop.link = store::testing::add_link(shop.database, shop.organization.id, reusable);
    const Attempt attempt = shop.begin();
    ASSERT_TRUE(deactivate(shop));
    EXPECT_EQ(shop.status(), LinkStatus::canceled);
    shop.provider.pay("tr_1");  // before the reconciler could cancel it
    EXPECT_EQ(shop.settle(attempt).state, AttemptState::paid);
    EXPECT_EQ(shop.status(), LinkStatus::canceled);
    EXPECT_EQ(shop.database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), 0);
    shop.reconcile();
    EXPECT_EQ(shop.provider.refunds.size(), 1U);
    EXPECT_TRUE(deactivate(shop));  // again: as it is
    shop.expect_sound_books();
  }
}

TEST_F(DeactivateTest, KeepsWhatWasBeingSettledOnAReusableLink) {
  link = store::testing::add_link(database, organization.id, Reusable::yes);
  const Attempt attempt = begin();
  provider.payments.at("tr_1").state = AttemptState::pending;
  settle(attempt);
  ASSERT_TRUE(deactivate(*this));
  provider.pay("tr_1");
  settle(attempt);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), 1);
}

TEST_F(DeactivateTest, CancelsWhatIsBeingSettledWhereTheProviderDoes) {
  provider.cancels_pending = true;
  begin_and_settle(AttemptState::pending);
  EXPECT_EQ(status(), LinkStatus::processing);
  const auto deactivated = deactivate(*this);
  ASSERT_TRUE(deactivated);
  EXPECT_EQ(deactivated->status, LinkStatus::canceled);
  EXPECT_EQ(status(), LinkStatus::canceled);
  EXPECT_EQ(provider.payments.at("tr_1").state, AttemptState::canceled);
  expect_sound_books();
}

TEST_F(DeactivateTest, EndsAsCanceledThoughItsDateHasPassed) {
  provider.cancels_pending = true;
  begin_and_settle(AttemptState::pending);
  database.clock.advance(link.expiration_date - database.clock.now() + std::chrono::seconds(1));
  EXPECT_EQ(status(), LinkStatus::processing);
  // The answer is lost after the provider canceled the payment: asked again, it is the same.
  EXPECT_FALSE(deactivate(
      *this, [](const PaymentLink&, sql::Transaction&) -> Result<> { return fail(ErrorCode::conflict, "lost", ""); }));
  const auto deactivated = deactivate(*this);
  ASSERT_TRUE(deactivated);
  EXPECT_EQ(deactivated->status, LinkStatus::canceled);
  EXPECT_EQ(status(), LinkStatus::canceled);
  EXPECT_EQ(provider.cancels, 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events WHERE type = 'v1/payment-links' AND"
                            " payload LIKE '%\"event\":\"updated\"%' AND payload LIKE '%\"status\":\"canceled\"%'"),
            1);
  expect_sound_books();
}

// Whoever was at the provider's page when the link was switched off has paid by something that takes its time.
TEST_F(DeactivateTest, AsksTheProviderOfALinkThatWasSwitchedOffBefore) {
  const Attempt attempt = begin();
  ASSERT_TRUE(deactivate(*this));
  provider.payments.at("tr_1").state = AttemptState::pending;
  settle(attempt);
  EXPECT_EQ(status(), LinkStatus::processing);
  const auto refused = deactivate(*this);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "invalid_status");
  provider.cancels_pending = true;
  const auto deactivated = deactivate(*this);
  ASSERT_TRUE(deactivated);
  EXPECT_EQ(deactivated->status, LinkStatus::canceled);
  EXPECT_EQ(provider.payments.at("tr_1").state, AttemptState::canceled);
  expect_sound_books();
}

TEST_F(DeactivateTest, RefusesWhatCanNoLongerBeCanceled) {
  begin_and_settle(AttemptState::pending);
  const auto refused = deactivate(*this);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "invalid_status");
  EXPECT_NE(refused.error().message.find("processing"), std::string::npos);
  EXPECT_EQ(status(), LinkStatus::processing);
  EXPECT_EQ(provider.cancels, 1);
}

TEST_F(DeactivateTest, LearnsOfThePaymentThatCameFirst) {
  begin_and_settle(AttemptState::pending);
  provider.pay("tr_1");
  const auto refused = deactivate(*this);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "invalid_status");
  EXPECT_NE(refused.error().message.find("paid"), std::string::npos);
  EXPECT_EQ(status(), LinkStatus::paid);
  expect_sound_books();
}

TEST_F(DeactivateTest, LearnsThatThePaymentFailed) {
  begin_and_settle(AttemptState::authorized);
  provider.payments.at("tr_1").state = AttemptState::failed;
  ASSERT_TRUE(deactivate(*this));
  EXPECT_EQ(status(), LinkStatus::canceled);
}

TEST_F(DeactivateTest, ChangesNothingWhileTheProviderIsSilent) {
  provider.cancels_pending = true;
  begin_and_settle(AttemptState::pending);
  provider.always = FakeProvider::silent();
  const auto refused = deactivate(*this);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(status(), LinkStatus::processing);
  provider.always.reset();
  EXPECT_TRUE(deactivate(*this));
}

TEST_F(DeactivateTest, ChangesNothingWhenItsAnswerCannotBeKept) {
  const auto refused = deactivate(*this, [](const PaymentLink&, sql::Transaction&) -> Result<> {
    return fail(ErrorCode::conflict, "taken_over", "");
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(status(), LinkStatus::open);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), 0);
}

TEST_F(DeactivateTest, SaysTheSameOfAForeignLinkAndOfNone) {
  const DeactivatePaymentLink flow(lane, payments);
  const auto keep = [](const PaymentLink&, sql::Transaction&) { return Result<>(); };
  const auto other = store::testing::add_organization(database, "other");
  const auto foreign = now(flow({link.id}, {other.id, {}, {}}, keep));
  const auto none = now(flow({PaymentLinkId()}, {organization.id, {}, {}}, keep));
  ASSERT_FALSE(foreign);
  ASSERT_FALSE(none);
  EXPECT_EQ(foreign.error().reason, "not_found");
  EXPECT_EQ(none.error().message, foreign.error().message);
}

}  // namespace
}  // namespace paylink::app
