#include <gtest/gtest.h>

#include "app/payments.hpp"
#include "app/provider_word.hpp"
#include "app/testing.hpp"
#include "store/money_movements.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;

// What becomes of refunds at the provider, once they are there to be sent.
class RefundsSent : public ::testing::Test, public Shop {
 protected:
  // The next time it is sent; what else is asked is answered.
  void reconcile_refused(Failure failure) {
    database.clock.advance(5min);
    const int before = provider.refund_calls;
    provider.refund_failures = {std::move(failure)};
    reconcile();
    EXPECT_EQ(provider.refund_calls, before + 1);
  }
};

// What came in too much must not be kept because the provider has said no for some minutes.
TEST_F(RefundsSent, GoesOnTryingASurplusThatIsRefused) {
  pay_twice();
  reconcile_refused(FakeProvider::refused());
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0) << "one stray answer";
  provider.always = FakeProvider::refused();
  let_pass(30min);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'requested' AND refusals >= 3"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'refund_refused'"), 1);
  provider.always.reset();
  let_pass(2h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  EXPECT_EQ(provider.refunds.size(), 1U);
  expect_sound_books();
}

// A provider may answer an old key for ever as it did at first.
TEST_F(RefundsSent, AsksUnderANewKeyAfterARefusal) {
  pay_twice();
  reconcile_refused(FakeProvider::silent());
  reconcile_refused(FakeProvider::refused());
  reconcile_refused(FakeProvider::silent());
  let_pass(30min);
  ASSERT_EQ(provider.refund_keys.size(), 4U);
  EXPECT_EQ(provider.refund_keys[1], provider.refund_keys[0]) << "nobody knows what became of it";
  EXPECT_NE(provider.refund_keys[2], provider.refund_keys[1]);
  EXPECT_EQ(provider.refund_keys[3], provider.refund_keys[2]);
  EXPECT_EQ(provider.refunds.size(), 1U);
  expect_sound_books();
}

TEST_F(RefundsSent, KeepsTryingARefundWhileTheProviderIsSilent) {
  pay_twice();
  provider.always = FakeProvider::silent();
  let_pass(3h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'requested'"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'refund_late'"), 1);
  provider.always.reset();
  let_pass(2h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  EXPECT_EQ(provider.refunds.size(), 1U);
  expect_sound_books();
}

TEST_F(RefundsSent, AsksAboutARefundTheProviderHasUntilItEnds) {
  provider.refund_state = ProviderRefundState::pending;
  pay_twice();
  let_pass(6h);
  provider.failures = {FakeProvider::unknown(), FakeProvider::refused(), FakeProvider::unknown(),
                       FakeProvider::unknown()};
  let_pass(6h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'pending'"), 1);
  provider.refunds.back().state = ProviderRefundState::refunded;
  let_pass(2h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  expect_sound_books();
}

TEST_F(RefundsSent, ARefundLearntOfMeanwhileIsNotForgotten) {
  pay_twice();
  const Refund asked =
      database.write([](sql::Transaction& tx) { return store::MoneyMovements(tx).claim_due_refunds(1, 2min); })->at(0);
  const ProviderRefund word{"re_7", ProviderRefundState::pending, asked.amount, asked.id.text()};
  ASSERT_TRUE(
      database.write(asked.organization, [&](sql::Transaction& tx) { return record_refund_word(asked, word, tx); }));
  const Error refusal = FakeProvider::refused().error();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(database.write(asked.organization,
                               [&](sql::Transaction& tx) { return record_refund_silence(asked, refusal, tx); }));
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE provider_refund_id = 're_7' AND state = 'pending'"), 1);
}

TEST_F(RefundsSent, FindsARefundWhoseAnswerWasLost) {
  pay_twice();
  provider.lose_next_answer = true;
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 1U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE provider_refund_id = ''"), 1);
  database.clock.advance(2h);
  provider.forget_keys();
  reconcile();
  EXPECT_EQ(provider.refund_calls, 1);  // found, and not sent again
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  expect_sound_books();
}

TEST_F(RefundsSent, AsksNothingOfWhatWasRefused) {
  provider.failures = {FakeProvider::refused()};
  ASSERT_FALSE(now(payments.start(command())));
  const auto ids = database.ask("SELECT id FROM attempts");
  ASSERT_EQ(ids.size(), 1U);
  const auto settled = now(payments.settle(organization.id, AttemptId(ids.front().uuid(0))));
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->state, AttemptState::failed);
  EXPECT_TRUE(provider.payments.empty());
}

TEST_F(RefundsSent, BooksNoRefundOfSomethingElse) {
  pay_twice();
  provider.refund_state = ProviderRefundState::pending;
  reconcile();
  ASSERT_EQ(provider.refunds.size(), 1U);
  const std::string ours = provider.refunds.front().refund;
  provider.refunds.front().state = ProviderRefundState::refunded;
  provider.refunds.front().refund = "somebody's";
  let_pass(10min);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 0);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'refund_mismatch'"), 1);
  provider.refunds.front().refund = ours;
  let_pass(2h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink::app
