#include "app/refund_payment.hpp"

#include <gtest/gtest.h>

#include "app/testing.hpp"
#include "store/money_movements.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::Shop;
using store::testing::euros;

// A shop that gives money back.
struct Till : Shop {
  // One payment of 13.30, as tr_1.
  Attempt pay() {
    const Attempt attempt = begin();
    provider.pay("tr_1");
    return settle(attempt);
  }
  Result<Refund> refund(const Attempt& attempt, std::optional<Money> amount = {}) {
    const Caller caller{organization.id, {}, {}};
    return database.write(organization.id, [&](sql::Transaction& tx) {
      return refund_payment({{attempt.payment_link, attempt.id}, amount}, caller, tx);
    });
  }
  // "12.30 refunded, 1.00 failed", newest first.
  std::string listed(const Attempt& attempt) {
    const Caller caller{organization.id, {}, {}};
    const auto found = database.write(organization.id, [&](sql::Transaction& tx) {
      return list_refunds({{attempt.payment_link, attempt.id}, {}}, caller, tx);
    });
    std::string text;
    for (const Refund& one : found->entries)
      text += (text.empty() ? "" : ", ") + one.amount.decimal() + " " + std::string(refund_state_names.name(one.state));
    return text;
  }
  std::int64_t taken() { return database.number("SELECT refunds_minor FROM captures"); }
};

class RefundPaymentTest : public ::testing::Test, public Till {};

TEST_F(RefundPaymentTest, GivesBackInPartsUntilNothingIsLeft) {
  const Attempt attempt = pay();
  const auto events = [&] { return database.number("SELECT COUNT(*) FROM outbox_events"); };
  const auto before = events();
  ASSERT_TRUE(refund(attempt, euros(100)));
  EXPECT_EQ(events(), before + 1);
  EXPECT_EQ(listed(attempt), "1.00 requested");
  EXPECT_EQ(provider.refund_calls, 0);
  reconcile();
  EXPECT_EQ(listed(attempt), "1.00 refunded");
  EXPECT_EQ(events(), before + 2);
  database.clock.advance(1s);
  const auto rest = refund(attempt);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->amount, euros(1230));
  reconcile();
  EXPECT_EQ(listed(attempt), "12.30 refunded, 1.00 refunded");
  EXPECT_EQ(refund(attempt).error().reason, "invalid_status");
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_EQ(stored(attempt).state, AttemptState::paid);
  EXPECT_EQ(taken(), 1330);
  expect_sound_books();
}

TEST_F(RefundPaymentTest, Refuses) {
  struct Case {
    std::string name;
    std::function<Result<Refund>(Till&)> ask;
    std::string reason;
  };
  const auto yen = *Money::of_minor(100, *Currency::parse("JPY"));
  const Case cases[] = {
      {"a payment that is open", [](Till& test) { return test.refund(test.begin()); }, "invalid_status"},
      {"another currency", [&](Till& test) { return test.refund(test.pay(), yen); }, "invalid"},
      {"a cent too much", [](Till& test) { return test.refund(test.pay(), euros(1331)); }, "out_of_range"},
      {"a cent more than is left",
       [](Till& test) {
         const Attempt attempt = test.pay();
         EXPECT_TRUE(test.refund(attempt, euros(330)));
         return test.refund(attempt, euros(1001));
       },
       "out_of_range"},
      {"a payment of another link",
       [](Till& test) {
         Attempt attempt = test.pay();
         attempt.payment_link = store::testing::add_link(test.database, test.organization.id).id;
         return test.refund(attempt);
       },
       "not_found"},
      {"another organization's",
       [](Till& test) {
         const Attempt attempt = test.pay();
         const Caller stranger{store::testing::add_organization(test.database, "other").id, {}, {}};
         return test.database.write(stranger.organization, [&](sql::Transaction& tx) {
           return refund_payment({{attempt.payment_link, attempt.id}, {}}, stranger, tx);
         });
       },
       "not_found"},
      {"one of too many",
       [](Till& test) {
         const Attempt attempt = test.pay();
         for (int i = 0; i < refunds_max; ++i) EXPECT_TRUE(test.refund(attempt, euros(1)));
         return test.refund(attempt, euros(1));
       },
       "invalid"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Till fresh;
    const auto refused = c.ask(fresh);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().reason, c.reason);
    fresh.expect_sound_books();
  }
}

TEST_F(RefundPaymentTest, NothingOfASurplusPaymentIsLeft) {
  pay_twice();
  const Attempt surplus = *database.write([&](sql::Transaction& tx) -> Result<Attempt> {
    const auto rows = TRY(tx.query("SELECT attempt_id FROM captures WHERE kept = 0", {}));
    return store::Attempts(tx).find(organization.id, rows.front().id<AttemptId>(0));
  });
  EXPECT_EQ(refund(surplus, euros(1)).error().reason, "invalid_status");
  // The provider took it, and then could not: the merchant may try.
  provider.refund_state = ProviderRefundState::failed;
  let_pass(1min);
  EXPECT_EQ(listed(surplus), "13.30 failed");
  EXPECT_TRUE(refund(surplus, euros(1)));
}

TEST_F(RefundPaymentTest, OneThatFailsGivesItsAmountBack) {
  struct Case {
    std::string name;
    std::function<void(FakeProvider&)> arrange;
  };
  const Case cases[] = {
      {"refused again and again", [](FakeProvider& fake) { fake.always = FakeProvider::refused(); }},
      {"taken, and then not done", [](FakeProvider& fake) { fake.refund_state = ProviderRefundState::failed; }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Till fresh;
    const Attempt attempt = fresh.pay();
    ASSERT_TRUE(fresh.refund(attempt));
    EXPECT_EQ(fresh.taken(), 1330);
    c.arrange(fresh.provider);
    const auto events = fresh.database.number("SELECT COUNT(*) FROM outbox_events");
    fresh.let_pass(30min);
    EXPECT_EQ(fresh.listed(attempt), "13.30 failed");
    EXPECT_EQ(fresh.taken(), 0);
    EXPECT_EQ(fresh.database.number("SELECT COUNT(*) FROM outbox_events"), events + 1);
    EXPECT_EQ(fresh.database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'refund_failed'"), 1);
    fresh.provider.always.reset();
    fresh.provider.refund_state = ProviderRefundState::refunded;
    ASSERT_TRUE(fresh.refund(attempt));
    fresh.reconcile();
    EXPECT_EQ(fresh.listed(attempt), "13.30 refunded, 13.30 failed");
    fresh.expect_sound_books();
  }
}

// After each step of one refund, and with its answer lost: it is made once.
TEST_F(RefundPaymentTest, IsMadeOnceWhateverCrashes) {
  struct Case {
    std::string name;
    int writes_before_crash;
    bool answer_lost;
    std::chrono::seconds down;
    bool is_copy = false;  // from before it was tried
  };
  const Case cases[] = {
      {"before the worker has claimed it", 0, false, 1min},
      {"after the claim, the provider asked", 1, false, 1min},
      {"the answer lost", -1, true, 2min},
      {"after the claim, down until the provider has forgotten the key", 1, false, 2h},
      {"the answer lost, down until the provider has forgotten the key", -1, true, 2h},
      {"made, and then a copy from before is gone back to", -1, true, 2h, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Till fresh;
    const Attempt attempt = fresh.pay();
    ASSERT_TRUE(fresh.refund(attempt, euros(330)));
    fresh.lane.writes_left = c.writes_before_crash;
    fresh.provider.lose_next_answer = c.answer_lost;
    (void)app::testing::now(fresh.payments.reconcile_refunds(1));
    fresh.lane.writes_left = -1;
    fresh.database.clock.advance(c.down);
    if (c.down > 1h) fresh.provider.forget_keys();
    if (c.is_copy) {
      ASSERT_TRUE(fresh.database.execute_script("UPDATE refunds SET tries = 0, due_at = created_at"));
    }
    fresh.let_pass(5min);
    EXPECT_EQ(fresh.listed(attempt), "3.30 refunded");
    EXPECT_EQ(fresh.provider.refunds.size(), 1U);
    EXPECT_EQ(fresh.database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
    fresh.expect_sound_books();
  }
}

// Two of one amount within moments: the provider takes the second for the first sent twice.
TEST_F(RefundPaymentTest, ADuplicateForTheProviderComesLater) {
  const Attempt attempt = pay();
  ASSERT_TRUE(refund(attempt, euros(500)) && refund(attempt, euros(500)));
  provider.refund_conflicts = 1;
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 1U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'requested'"), 1);
  let_pass(5min);
  EXPECT_EQ(listed(attempt), "5.00 refunded, 5.00 refunded");
  EXPECT_EQ(provider.refunds.size(), 2U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  expect_sound_books();
}

// The answer was lost, and what is asked about it meanwhile is answered with a refusal: that refuses nothing.
TEST_F(RefundPaymentTest, AQuestionThatFailsIsNoRefusal) {
  const Attempt attempt = pay();
  ASSERT_TRUE(refund(attempt, euros(500)));
  provider.lose_next_answer = true;
  reconcile();
  for (int i = 0; i < 2 * refund_refusals_max; ++i) {
    provider.failures = {FakeProvider::unknown()};
    database.clock.advance(1h);
    reconcile();
  }
  EXPECT_EQ(listed(attempt), "5.00 requested");
  let_pass(1h);
  EXPECT_EQ(listed(attempt), "5.00 refunded");
  EXPECT_EQ(provider.refunds.size(), 1U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'refund_failed'"), 0);
  expect_sound_books();
}

TEST_F(RefundPaymentTest, ADuplicateOfItselfIsFound) {
  const Attempt attempt = pay();
  ASSERT_TRUE(refund(attempt, euros(500)));
  provider.lose_next_answer = true;
  reconcile();
  provider.forget_keys();  // sooner than it says
  provider.refund_conflicts = 1;
  let_pass(5min);
  EXPECT_EQ(listed(attempt), "5.00 refunded");
  EXPECT_EQ(provider.refunds.size(), 1U);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink::app
