#include <gtest/gtest.h>

#include "app/list_chargebacks.hpp"
#include "app/list_payments.hpp"
#include "app/refund_payment.hpp"
#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;
using store::testing::euros;

class ChargebacksTest : public ::testing::Test, public Shop {
 protected:
  ChargebacksTest() {
    provider.pay("tr_1");
    paid = settle(paid);
  }

  void charge_back(std::string id, std::int64_t cents) {
    provider.payments.at("tr_1").chargebacks.push_back({std::move(id), euros(cents), database.clock.now(), {}});
  }
  Result<Attempt> notice() {
    const std::string token(reinterpret_cast<const char*>(paid.token.data()), paid.token.size());
    return now(payments.settle_noticed(paid.organization, token));
  }
  // "13.30 charged back, 5.00 reversed", newest first.
  std::string listed() {
    const auto found = database.write(organization.id, [&](sql::Transaction& tx) {
      return list_chargebacks({{link.id, paid.id}, {}}, {organization.id, {}, {}}, tx);
    });
    std::string text;
    for (const Chargeback& one : found->entries)
      text += (text.empty() ? "" : ", ") + one.amount.decimal() + (one.reversed_at ? " reversed" : " charged back");
    return text;
  }
  Payment shown() {
    const auto found = database.write(organization.id, [&](sql::Transaction& tx) {
      return list_payments({link.id, {}, {}}, {organization.id, {}, {}}, tx);
    });
    return found->entries.at(0);
  }
  Result<Refund> refund(std::optional<Money> amount = {}) {
    return database.write(organization.id, [&](sql::Transaction& tx) {
      return refund_payment({{link.id, paid.id}, amount}, {organization.id, {}, {}}, tx);
    });
  }
  std::int64_t events() { return database.number("SELECT COUNT(*) FROM outbox_events"); }

  Attempt paid = begin();
};

TEST_F(ChargebacksTest, AreBookedOnceAndReversedOnce) {
  const auto before = events();
  charge_back("chb_1", 1330);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(notice());
  EXPECT_EQ(listed(), "13.30 charged back");
  EXPECT_EQ(shown().charged_back, euros(1330));
  EXPECT_EQ(shown().attempt.state, AttemptState::paid);
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_EQ(events(), before + 1);
  expect_sound_books();
  provider.payments.at("tr_1").chargebacks.at(0).reversed_at = database.clock.now();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(notice());
  EXPECT_EQ(listed(), "13.30 reversed");
  EXPECT_FALSE(shown().charged_back.has_value());
  EXPECT_EQ(events(), before + 2);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'chargeback'"), 2);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'chargeback_reversal'"), 2);
  expect_sound_books();
}

TEST_F(ChargebacksTest, InPartsAndReversedBeforeAnybodyHeard) {
  charge_back("chb_1", 500);
  charge_back("chb_2", 330);
  provider.payments.at("tr_1").chargebacks.at(0).reversed_at = database.clock.now();
  ASSERT_TRUE(notice());
  EXPECT_EQ(shown().charged_back, euros(330));
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM chargebacks"), 2);
  expect_sound_books();
}

TEST_F(ChargebacksTest, WhatWasTakenBackCannotBeGivenBackAsWell) {
  charge_back("chb_1", 1000);
  ASSERT_TRUE(notice());
  EXPECT_EQ(refund(euros(331)).error().reason, "out_of_range");
  const auto rest = refund();
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->amount, euros(330));
  charge_back("chb_2", 330);  // although it is given back
  ASSERT_TRUE(notice());
  EXPECT_EQ(refund().error().reason, "invalid_status");
  expect_sound_books();
}

// Nobody else asks about a payment that is paid: what is not heard must be told again.
TEST_F(ChargebacksTest, AreToldAgainWhenTheyWereNotHeard) {
  charge_back("chb_1", 1330);
  provider.failures = {FakeProvider::silent()};
  EXPECT_EQ(notice().error().code, ErrorCode::unavailable);
  lane.writes_left = 0;
  EXPECT_FALSE(notice());
  lane.writes_left = -1;
  for (int i = 0; i < 20; ++i) (void)notice();  // a flood of them
  EXPECT_EQ(notice().error().reason, "asked_too_often");
  EXPECT_EQ(listed(), "13.30 charged back");
  expect_sound_books();
}

TEST_F(ChargebacksTest, NobodyIsAskedForAPayersVisit) {
  const int finds = provider.finds;
  for (int i = 0; i < 5; ++i) settle(paid);
  EXPECT_EQ(provider.finds, finds);
}

// All that was learnt at once, of a payment nobody knew was paid.
TEST(Chargebacks, OfAPaymentThatIsFoundPaidAreBookedWithIt) {
  Shop shop;
  const Attempt attempt = shop.begin();
  shop.provider.pay("tr_1");
  shop.provider.payments.at("tr_1").chargebacks.push_back({"chb_1", euros(1330), shop.database.clock.now(), {}});
  shop.database.clock.advance(1min);
  shop.reconcile();
  EXPECT_EQ(shop.stored(attempt).state, AttemptState::paid);
  EXPECT_EQ(shop.database.number("SELECT COUNT(*) FROM chargebacks"), 1);
  shop.expect_sound_books();
}

TEST_F(ChargebacksTest, OnesThatCannotBeTrueBecomeAlerts) {
  provider.payments.at("tr_1").chargebacks.push_back(
      {"chb_1", *Money::of_minor(100, *Currency::parse("JPY")), database.clock.now(), {}});
  ASSERT_TRUE(notice());
  EXPECT_EQ(listed(), "");
  provider.payments.at("tr_1").chargebacks.clear();
  charge_back("chb_2", 500);
  ASSERT_TRUE(notice());
  provider.payments.at("tr_1").chargebacks.at(0).amount = euros(600);
  ASSERT_TRUE(notice());
  EXPECT_EQ(listed(), "5.00 charged back");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'chargeback_mismatch'"), 1);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink::app
