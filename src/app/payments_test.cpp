#include "app/payments.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "app/provider_word.hpp"
#include "app/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::Shop;

class PaymentsTest : public ::testing::Test, public Shop {};

TEST_F(PaymentsTest, PaysALinkOnce) {
  const Attempt attempt = begin();
  EXPECT_EQ(attempt.checkout_url, "https://provider/tr_1");
  EXPECT_EQ(status(), LinkStatus::open);
  provider.pay("tr_1");
  const Attempt paid = settle(attempt);
  EXPECT_EQ(paid.state, AttemptState::paid);
  EXPECT_EQ(paid.paid_at, database.clock.now());
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_EQ(settle(attempt).state, AttemptState::paid);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM captures WHERE kept = 1"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), 1);
  expect_sound_books();
}

TEST_F(PaymentsTest, RefusesToStart) {
  struct Case {
    std::string name;
    std::function<void(Shop&, StartPayment&)> arrange;
    std::string reason;
  };
  const auto set_status = [](Shop& test, std::string_view statement) {
    ENSURE(test.database.execute_script(statement).has_value());
  };
  const Case cases[] = {
      {"unknown link", [](Shop& test, StartPayment& start) { start.resource_id = Uuid::v4(test.database.random); },
       "not_found"},
      {"another organization",
       [](Shop& test, StartPayment& start) {
         start.organization = store::testing::add_organization(test.database, "other").id;
       },
       "not_found"},
      {"paid", [&](Shop& test, StartPayment&) { set_status(test, "UPDATE payment_links SET status = 'paid'"); },
       "link_not_open"},
      {"canceled", [&](Shop& test, StartPayment&) { set_status(test, "UPDATE payment_links SET status = 'canceled'"); },
       "link_not_open"},
      {"expired by the clock, the worker lagging",
       [](Shop& test, StartPayment&) { test.database.clock.advance(std::chrono::days(366)); }, "link_not_open"},
      {"method not on the link", [](Shop&, StartPayment& start) { start.method = PaymentMethod::paypal; },
       "method_not_offered"},
      {"iDEAL in another currency",
       [&](Shop& test, StartPayment& start) {
         set_status(test, "UPDATE payment_links SET currency = 'USD'");
         start.method = PaymentMethod::ideal;
       },
       "method_not_offered"},
      {"no connection",
       [&](Shop& test, StartPayment&) { set_status(test, "UPDATE connections SET status = 'disabled'"); },
       "merchant_disconnected"},
      {"somebody has begun", [](Shop& test, StartPayment&) { test.begin(); }, "payment_begun"},
      {"provider silent", [](Shop& test, StartPayment&) { test.provider.always = FakeProvider::silent(); },
       "provider_unavailable"},
      {"provider refuses", [](Shop& test, StartPayment&) { test.provider.always = FakeProvider::refused(); },
       "payment_refused"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Shop fresh;
    StartPayment start = fresh.command();
    c.arrange(fresh, start);
    const auto begun = now(fresh.payments.start(start));
    ASSERT_FALSE(begun.has_value());
    EXPECT_EQ(begun.error().reason, c.reason);
  }
}

TEST_F(PaymentsTest, TakesADoubleSubmitForOneAttempt) {
  const StartPayment twice = command();
  const auto first = now(payments.start(twice));
  const auto second = now(payments.start(twice));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(provider.creates, 1);
}

TEST_F(PaymentsTest, KeepsOneCaptureOfTwoPayers) {
  const Attempt first = begin();
  const Attempt second = begin(StartOver::yes);
  provider.pay("tr_1");  // the superseded one, at the same moment
  provider.pay("tr_2");
  EXPECT_EQ(settle(second).state, AttemptState::paid);
  EXPECT_EQ(settle(first).state, AttemptState::paid);
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'requested'"), 1);
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 1U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM refunds WHERE state = 'refunded'"), 1);
  let_pass(2h);
  EXPECT_EQ(provider.refund_calls, 1);
  expect_sound_books();
}

TEST_F(PaymentsTest, CancelsASupersededAttemptAtTheProvider) {
  const Attempt first = begin();
  begin(StartOver::yes);
  reconcile();
  EXPECT_EQ(stored(first).state, AttemptState::canceled);
  EXPECT_EQ(provider.payments.at("tr_1").state, AttemptState::canceled);
  EXPECT_EQ(provider.payments.at("tr_2").state, AttemptState::open);
  EXPECT_EQ(status(), LinkStatus::open);
}

TEST_F(PaymentsTest, StopsTheOthersOnceALinkIsPaid) {
  // The first was superseded and paid all the same; the second is still at the provider's page.
  const Attempt first = begin();
  const Attempt second = begin(StartOver::yes);
  provider.pay("tr_1");
  settle(first);
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_TRUE(stored(second).superseded_at.has_value());
  reconcile();
  EXPECT_EQ(provider.payments.at("tr_2").state, AttemptState::canceled);
}

TEST_F(PaymentsTest, CancelsAtOnceWhatWasSupersededWhileItWasCreated) {
  provider.during_create = [this] { begin(StartOver::yes); };
  const Attempt first = begin();
  EXPECT_TRUE(stored(first).superseded_at.has_value());
  EXPECT_EQ(reconcile(), 1);  // now, not in half a minute
  EXPECT_EQ(stored(first).state, AttemptState::canceled);
  EXPECT_EQ(status(), LinkStatus::open);
}

TEST_F(PaymentsTest, SettlesWhatACrashLeft) {
  struct Case {
    std::string name;
    int writes_before_crash;
    bool answer_lost;
  };
  for (const Case& c : {Case{"after the attempt was stored, the provider told", 1, false},
                        Case{"after the attempt was stored, its answer lost", -1, true}}) {
    SCOPED_TRACE(c.name);
    Shop fresh;
    fresh.lane.writes_left = c.writes_before_crash;
    fresh.provider.lose_next_answer = c.answer_lost;
    EXPECT_FALSE(now(fresh.payments.start(fresh.command())).has_value());
    fresh.lane.writes_left = -1;
    EXPECT_EQ(fresh.reconcile(), 0);  // under its lease
    fresh.database.clock.advance(1min);
    EXPECT_EQ(fresh.reconcile(), 1);
    EXPECT_EQ(fresh.provider.payments.size(), 1U);  // the same key found the same payment
    fresh.provider.pay("tr_1");
    fresh.let_pass(10min);
    EXPECT_EQ(fresh.status(), LinkStatus::paid);
    fresh.expect_sound_books();
  }
}

TEST_F(PaymentsTest, NeverMakesAPaymentNobodyWaitsFor) {
  lane.writes_left = 1;
  provider.always = FakeProvider::silent();
  EXPECT_FALSE(now(payments.start(command())).has_value());
  lane.writes_left = -1;
  provider.always.reset();
  database.clock.advance(2h);
  const int creates = provider.creates;
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(provider.creates, creates);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM attempts WHERE state = 'expired'"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM attempts WHERE due_at IS NOT NULL"), 0);
}

TEST_F(PaymentsTest, CancelsRightAfterItHadToCreate) {
  provider.lose_next_answer = true;
  EXPECT_FALSE(now(payments.start(command())).has_value());
  begin(StartOver::yes);
  reconcile();
  EXPECT_EQ(provider.payments.at("tr_1").state, AttemptState::canceled);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM attempts WHERE state = 'canceled'"), 1);
}

TEST_F(PaymentsTest, EndsAnAttemptTheProviderDoesNotKnow) {
  const Attempt attempt = begin();
  provider.payments.clear();
  EXPECT_EQ(settle(attempt).state, AttemptState::open);  // once may be a mishap
  let_pass(20min);
  EXPECT_EQ(stored(attempt).state, AttemptState::failed);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'unknown_at_provider'"), 1);
  EXPECT_EQ(reconcile(), 0);
}

// Nobody asks any more about an attempt that has ended: only a notice tells that money came in after all.
TEST_F(PaymentsTest, HearsOfLateMoneyAgainWhenTheProviderWasSilent) {
  const Attempt attempt = begin();
  provider.payments.at("tr_1").state = AttemptState::expired;
  ASSERT_EQ(settle(attempt).state, AttemptState::expired);
  provider.pay("tr_1");
  provider.failures = {FakeProvider::silent()};
  const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
  const auto notice = [&] { return now(payments.settle_noticed(attempt.organization, token)); };
  const auto unheard = notice();
  ASSERT_FALSE(unheard);
  EXPECT_EQ(unheard.error().reason, "provider_silent");
  ASSERT_TRUE(notice());
  EXPECT_EQ(stored(attempt).state, AttemptState::paid);
  EXPECT_EQ(status(), LinkStatus::paid);
  expect_sound_books();
}

TEST_F(PaymentsTest, WasPaidWhenTheProviderSaysSo) {
  const auto paid_at_of = [](std::chrono::seconds said) {
    Shop shop;
    const Attempt attempt = shop.begin();
    shop.provider.pay("tr_1");
    shop.provider.payments.at("tr_1").paid_at = attempt.created_at + said;
    shop.database.clock.advance(2h);
    return *shop.settle(attempt).paid_at - attempt.created_at;
  };
  EXPECT_EQ(paid_at_of(10min), 10min);
  EXPECT_EQ(paid_at_of(2h), 2h);
  EXPECT_EQ(paid_at_of(2h + 1s), 2h) << "not in the future";
  EXPECT_EQ(paid_at_of(-1s), 2h) << "nor before it was begun";
}

// The payer is gone, and the reconciler would look in up to an hour.
TEST_F(PaymentsTest, HearsAgainOfWhatIsUnderWayWhenTheProviderWasSilent) {
  const Attempt attempt = begin();
  provider.pay("tr_1");
  const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
  const auto notice = [&] { return now(payments.settle_noticed(attempt.organization, token)); };
  provider.failures = {FakeProvider::silent()};
  EXPECT_EQ(notice().error().reason, "provider_silent");
  ASSERT_TRUE(notice());
  EXPECT_EQ(stored(attempt).state, AttemptState::paid);
}

TEST_F(PaymentsTest, GivesUpAfterAMonthWithoutWord) {
  const Attempt attempt = begin();
  provider.always = FakeProvider::key_refused();
  database.clock.advance(1min);
  reconcile();
  EXPECT_EQ(stored(attempt).state, AttemptState::open);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'provider_refuses_key'"), 1);
  const int asked = provider.finds;
  let_pass(1h);
  EXPECT_LT(provider.finds - asked, 12);  // less and less often
  database.clock.advance(std::chrono::days(31));
  reconcile();
  EXPECT_EQ(stored(attempt).state, AttemptState::expired);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'given_up'"), 1);
  // Money always wins.
  provider.always.reset();
  provider.pay("tr_1");
  EXPECT_EQ(settle(attempt).state, AttemptState::paid);
  EXPECT_EQ(status(), LinkStatus::paid);
}

TEST_F(PaymentsTest, AsksTheProviderNoMoreOftenThanItMust) {
  const Attempt attempt = begin();
  const int writes = lane.writes;
  for (int i = 0; i < 1'000; ++i) settle(attempt);
  EXPECT_EQ(provider.finds, 10);
  EXPECT_EQ(lane.writes, writes);  // no news, nothing stored
  database.clock.advance(1s);
  settle(attempt);
  settle(attempt);
  EXPECT_EQ(provider.finds, 11);
}

TEST_F(PaymentsTest, KeepsASuccessOverALateRefusal) {
  const Attempt attempt = begin();
  const auto refused = database.write(
      attempt.organization, [&](sql::Transaction& tx) { return record_refusal(attempt.organization, attempt.id, tx); });
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->state, AttemptState::open);
}

TEST_F(PaymentsTest, BelievesNoWordThatCannotBeTrue) {
  struct Case {
    std::string name;
    std::function<void(ProviderPayment&)> lie;
    std::string alert;
  };
  const Case cases[] = {
      {"another amount", [](ProviderPayment& word) { word.amount = store::testing::euros(1); }, "mismatch"},
      {"another attempt", [](ProviderPayment& word) { word.attempt = "somebody else's"; }, "mismatch"},
      {"another payment", [](ProviderPayment& word) { word.id = "tr_999"; }, "mismatch"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Shop fresh;
    const Attempt attempt = fresh.begin();
    fresh.provider.pay("tr_1");
    c.lie(fresh.provider.payments.at("tr_1"));
    EXPECT_EQ(fresh.settle(attempt).state, AttemptState::open);
    EXPECT_EQ(fresh.status(), LinkStatus::open);
    EXPECT_EQ(fresh.database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'mismatch'"), 1);
    fresh.expect_sound_books();
  }
}

// At the provider's page one may go back and choose another method.
TEST_F(PaymentsTest, KnowsByWhichMethodItWasPaid) {
  const Attempt attempt = begin();
  ASSERT_EQ(attempt.method, PaymentMethod::credit_card);
  provider.payments.at("tr_1").method = PaymentMethod::ideal;
  EXPECT_EQ(settle(attempt).method, PaymentMethod::ideal);
  EXPECT_EQ(stored(attempt).method, PaymentMethod::ideal);
  const int written = lane.writes;
  EXPECT_EQ(settle(attempt).method, PaymentMethod::ideal);
  EXPECT_EQ(lane.writes, written) << "that is no news any more";
  provider.payments.at("tr_1").method = PaymentMethod::paypal;
  provider.pay("tr_1");
  EXPECT_EQ(settle(attempt).method, PaymentMethod::paypal);
  EXPECT_EQ(stored(attempt).method, PaymentMethod::paypal);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events WHERE payload LIKE "
                            "'%\"latest_payment_method_used\":\"paypal\"%'"),
            1);
}

TEST_F(PaymentsTest, KeepsTheMethodOverWordThatDoesNotFit) {
  struct Case {
    std::string name;
    std::function<void(ProviderPayment&)> word;
  };
  const Case cases[] = {
      {"a method that is none of ours", [](ProviderPayment& word) { word.method.reset(); }},
      {"of another payment", [](ProviderPayment& word) { word.amount = store::testing::euros(1); }},
      {"older than what is known", [](ProviderPayment& word) { word.state = AttemptState::open; }},
      {"of what cannot be", [](ProviderPayment& word) { word.state = AttemptState::failed; }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Shop fresh;
    const Attempt attempt = fresh.begin();
    fresh.provider.pay("tr_1");
    fresh.settle(attempt);
    ProviderPayment word = fresh.provider.payments.at("tr_1");
    word.method = PaymentMethod::ideal;
    c.word(word);
    const auto recorded = fresh.database.write(attempt.organization, [&](sql::Transaction& tx) {
      return record_provider_word(attempt.organization, attempt.id, word, tx);
    });
    ASSERT_TRUE(recorded);
    EXPECT_EQ(recorded->method, PaymentMethod::credit_card);
    EXPECT_EQ(fresh.stored(attempt).method, PaymentMethod::credit_card);
  }
}

// A wallet is known by its details, which may come late.
TEST_F(PaymentsTest, TellsAgainWhenWhatWasPaidByIsKnownLater) {
  const Attempt attempt = begin();
  provider.pay("tr_1");
  settle(attempt);
  provider.payments.at("tr_1").method = PaymentMethod::apple_pay;
  EXPECT_TRUE(now(payments.settle_noticed(
      attempt.organization, std::string(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size()))));
  EXPECT_EQ(stored(attempt).method, PaymentMethod::apple_pay);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), 2);
}

TEST_F(PaymentsTest, OneStrayAnswerEndsNothing) {
  const Attempt attempt = begin();
  let_pass(3h);  // many looks, all of them good
  for (const auto& failure : {FakeProvider::unknown(), FakeProvider::silent(), FakeProvider::unknown()}) {
    provider.failures = {failure};
    let_pass(2h);
    EXPECT_EQ(stored(attempt).state, AttemptState::open);
    EXPECT_EQ(stored(attempt).unknown_looks, 0);
    EXPECT_FALSE(stored(attempt).silent_since.has_value());
  }
  provider.pay("tr_1");
  let_pass(2h);
  EXPECT_EQ(status(), LinkStatus::paid);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
}

TEST_F(PaymentsTest, AnybodysLookEndsASilence) {
  const Attempt attempt = begin();
  provider.failures = {FakeProvider::unknown()};
  database.clock.advance(1min);
  reconcile();
  EXPECT_EQ(stored(attempt).unknown_looks, 1);
  settle(attempt);  // a visitor's, with no news but that
  EXPECT_EQ(stored(attempt).unknown_looks, 0);
  EXPECT_FALSE(stored(attempt).silent_since.has_value());
}

TEST_F(PaymentsTest, IsNotGivenUpForItsAge) {
  const Attempt attempt = begin();
  database.clock.advance(std::chrono::days(40));
  reconcile();
  provider.failures = {FakeProvider::silent()};
  database.clock.advance(1h);
  reconcile();
  EXPECT_EQ(stored(attempt).state, AttemptState::open);
  EXPECT_TRUE(stored(attempt).silent_since.has_value());
}

TEST_F(PaymentsTest, TakesNothingThatHappensWhileItStopsForSilence) {
  const Attempt attempt = begin();
  database.clock.advance(1min);
  provider.during_find = [this] {
    payments.stop();
    provider.failures = {FakeProvider::silent()};
  };
  reconcile();
  EXPECT_EQ(provider.finds, 1);
  EXPECT_FALSE(stored(attempt).silent_since.has_value());
}

TEST_F(PaymentsTest, EndsAnAttemptWhoseKeyIsUnreadable) {
  const Attempt attempt = begin();
  ASSERT_TRUE(database.execute_script("UPDATE connections SET api_key_sealed = 'torn'"));
  let_pass(1h);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'not_loaded'"), 1);
  EXPECT_LT(stored(attempt).tries, 12);  // less and less often
  EXPECT_EQ(stored(attempt).state, AttemptState::open);
  database.clock.advance(std::chrono::days(31));
  reconcile();
  EXPECT_EQ(stored(attempt).state, AttemptState::expired);
}

TEST_F(PaymentsTest, KeepsTheIdOfWhatItJustCreated) {
  provider.lose_next_answer = true;
  EXPECT_FALSE(now(payments.start(command())).has_value());
  begin(StartOver::yes);
  provider.refuses_to_cancel = true;
  provider.during_create = [this] { provider.during_find = [this] { provider.failures = {FakeProvider::refused()}; }; };
  reconcile();
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM attempts WHERE provider_payment_id = 'tr_1' AND state = 'open'"), 1);
}

// Two looks overlap: the first to ask is the last to write.
TEST_F(PaymentsTest, StopsBetweenTwoRows) {
  begin();
  begin(StartOver::yes);
  payments.stop();
  EXPECT_EQ(reconcile(), 0);
}

Failure nonsense() { return fail(ErrorCode::internal, "provider_answer", "", "the mode is live"); }

// An answer that makes no sense is nobody's word: nothing moves, and the operator is told, whoever asked.
TEST_F(PaymentsTest, TellsTheOperatorOfNonsense) {
  const auto alerts = [this] {
    return database.number("SELECT COUNT(*) FROM provider_alerts WHERE kind = 'provider_answer'");
  };
  const StartPayment wanted = command();
  provider.failures = {nonsense()};
  const auto refused = now(payments.start(wanted));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "provider_unavailable");
  EXPECT_EQ(alerts(), 1) << "of a new payment";

  ASSERT_TRUE(database.execute_script("DELETE FROM provider_alerts"));
  const auto begun = now(payments.start(wanted));
  ASSERT_TRUE(begun);
  provider.failures = {nonsense()};
  EXPECT_EQ(settle(*begun).state, AttemptState::open);
  EXPECT_EQ(alerts(), 1) << "of one that is asked about";

  ASSERT_TRUE(database.execute_script("DELETE FROM provider_alerts"));
  const Attempt second = begin(StartOver::yes);
  provider.pay("tr_1");
  provider.pay("tr_2");
  settle(second);
  settle(*begun);
  provider.failures = {nonsense()};
  reconcile();
  EXPECT_EQ(alerts(), 1) << "of a refund";
}

TEST_F(PaymentsTest, SaysWhetherTheProviderWasHeard) {
  const Attempt attempt = begin();
  const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
  const auto look = [&] {
    const auto settled = now(payments.settle_by_token(attempt.organization, token));
    ENSURE(settled.has_value());
    return *settled;
  };
  EXPECT_EQ(look().heard, Heard::yes);
  for (const Failure& failure : {FakeProvider::silent(), FakeProvider::unknown(), nonsense()}) {
    provider.failures = {failure};
    EXPECT_EQ(look().heard, Heard::no) << failure.error().reason;
  }
  provider.pay("tr_1");
  provider.payments.at("tr_1").amount = store::testing::euros(1331);
  const Settled wrong = look();
  EXPECT_EQ(wrong.heard, Heard::no) << "what cannot be about it";
  EXPECT_EQ(wrong.attempt.state, AttemptState::open);
  for (int i = 0; i < 10; ++i) (void)look();
  EXPECT_EQ(look().heard, Heard::no) << "who asks too often hears nothing";
  database.clock.advance(1min);
  provider.payments.at("tr_1").amount = attempt.amount;
  const Settled paid = look();
  EXPECT_EQ(paid.heard, Heard::yes);
  EXPECT_EQ(paid.attempt.state, AttemptState::paid);
  provider.always = FakeProvider::silent();
  EXPECT_EQ(look().heard, Heard::yes) << "nothing leaves paid";
}

}  // namespace
}  // namespace paylink::app
