#include <gtest/gtest.h>

#include <set>

#include "app/chargeback_looks.hpp"
#include "app/provider_word.hpp"
#include "app/testing_refunds.hpp"
#include "app/view_link.hpp"
#include "store/money_movements.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using app::testing::FakeProvider;
using app::testing::now;
using app::testing::RefundingShop;
using store::testing::euros;

// What we give back beside what the merchant and the payer's bank do, at a provider that gives back more than came in.
struct Till : RefundingShop {
  Till() { provider.gives_back_more = true; }

  Attempt pay() {
    const Attempt attempt = begin();
    provider.pay("tr_1");
    return settle(attempt);
  }
  // tr_2 of a link that tr_1 has paid, before we hear of it.
  Attempt pay_again() {
    const Attempt first = begin(), second = begin(StartOver::yes);
    provider.pay("tr_1");
    provider.pay("tr_2");
    settle(first);
    return second;
  }
  void take_back(const std::string& payment, std::int64_t minor_units, std::optional<Time> reversed_at = {}) {
    provider.payments.at(payment).chargebacks = {{"chb_1", euros(minor_units), database.clock.now() - 1s, reversed_at}};
  }
  // Of what came about in one moment.
  static std::string sorted(const std::string& listed) {
    std::set<std::string> parts;
    for (std::size_t at = 0; at < listed.size();) {
      const std::size_t end = std::min(listed.find(", ", at), listed.size());
      parts.insert(listed.substr(at, end - at));
      at = end + 2;
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
  }
  Surplus shown(const Attempt& attempt) {
    const std::string token(reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size());
    const auto view = database.write(organization.id,
                                     [&](sql::Transaction& tx) { return view_attempt({organization.id, token}, tx); });
    EXPECT_TRUE(view.has_value());
    return view->surplus;
  }
};

class MoneyGivenBack : public ::testing::Test, public Till {};

// Neither in full nor in part, neither done nor under way, whether our books can hold it or not.
TEST_F(MoneyGivenBack, IsNotGivenBackAgainOnRequest) {
  struct Case {
    std::string name;
    std::int64_t by_hand;
    ProviderRefundState state;
    std::string listed;
  };
  const Case cases[] = {
      {"all of it", 1330, ProviderRefundState::refunded, "external 13.30 refunded, requested 13.30 failed"},
      {"all of it, under way", 1330, ProviderRefundState::pending, "external 13.30 pending, requested 13.30 failed"},
      {"a cent", 1, ProviderRefundState::refunded, "external 0.01 refunded, requested 13.30 failed"},
      {"more than came in", 1530, ProviderRefundState::refunded, "requested 13.30 failed"},
      {"one that failed", 1330, ProviderRefundState::failed, "requested 13.30 refunded"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Till fresh;
    const Attempt paid = fresh.pay();
    fresh.provider.refund_by_hand("tr_1", euros(c.by_hand), c.state);
    ASSERT_TRUE(fresh.refund(paid));
    fresh.database.clock.advance(1s);
    fresh.reconcile();
    EXPECT_EQ(fresh.listed(paid), c.listed);
    const bool is_sent = c.state == ProviderRefundState::failed;
    EXPECT_EQ(fresh.provider.refund_calls, is_sent ? 1 : 0);
    EXPECT_EQ(fresh.alerts("refund_failed"), is_sent ? 0 : 1);
    fresh.expect_sound_books();
  }
}

// What is seen on the way is booked, also when enough is left.
TEST_F(MoneyGivenBack, IsBookedWhereItIsSeen) {
  const Attempt paid = pay();
  provider.refund_by_hand("tr_1", euros(400), ProviderRefundState::refunded);
  take_back("tr_1", 100);
  ASSERT_TRUE(refund(paid, euros(500)));
  database.clock.advance(1s);
  reconcile();
  EXPECT_EQ(listed(paid), "external 4.00 refunded, requested 5.00 refunded");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM chargebacks"), 1);
  EXPECT_EQ(refund(paid, euros(331)).error().reason, "out_of_range");
  ASSERT_TRUE(refund(paid, euros(330)));
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 3U);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  expect_sound_books();
}

// As little as must be is given up for what the merchant has done, and it is told.
TEST_F(MoneyGivenBack, TheSmallestThatMakesRoomIsGivenUp) {
  const Attempt paid = pay();
  for (const int cents : {100, 1000, 230}) ASSERT_TRUE(refund(paid, euros(cents)));
  provider.refund_by_hand("tr_1", euros(150), ProviderRefundState::refunded);
  notice(paid);
  EXPECT_EQ(sorted(listed(paid)),
            "external 1.50 refunded, requested 1.00 requested, requested 10.00 requested, requested 2.30 failed");
  EXPECT_EQ(alerts("refund_failed"), 1);
  provider.refund_by_hand("tr_1", euros(1180), ProviderRefundState::refunded);
  notice(paid);
  EXPECT_EQ(alerts("refund_exceeds"), 1) << "one alone does not make room";
  reconcile();
  EXPECT_EQ(sorted(listed(paid)),
            "external 1.50 refunded, external 11.80 refunded, requested 1.00 failed, requested 10.00 failed, "
            "requested 2.30 failed");
  EXPECT_EQ(provider.refund_calls, 0);
  expect_sound_books();
}

// Both are asked by nodes that do not know of each other.
TEST_F(MoneyGivenBack, WhatIsMadeAfterItWasGivenUpIsBooked) {
  const Attempt paid = pay();
  ASSERT_TRUE(refund(paid, euros(800)));
  const Refund asked =
      database.write([](sql::Transaction& tx) { return store::MoneyMovements(tx).claim_due_refunds(1, 2min); })
          ->front();
  ProviderPayment word = provider.payments.at("tr_1");
  word.refunds = {{"re_9", ProviderRefundState::refunded, euros(600), {}}};
  ASSERT_TRUE(
      database.write(organization.id, [&](sql::Transaction& tx) { return record_too_little_left(asked, word, tx); }));
  database.clock.advance(1s);
  const ProviderRefund made{"re_10", ProviderRefundState::refunded, euros(700), asked.id.text()};
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(
        database.write(organization.id, [&](sql::Transaction& tx) { return record_refund_word(asked, made, tx); }));
  EXPECT_EQ(sorted(listed(paid)), "external 6.00 refunded, external 7.00 refunded, requested 8.00 failed");
  expect_sound_books();
}

TEST_F(MoneyGivenBack, ASurplusThatComesBackFromTheMerchantsWayGoesByOurs) {
  const Attempt surplus = pay_again();
  provider.refund_by_hand("tr_2", euros(1330), ProviderRefundState::refunded);
  settle(surplus);
  provider.refunds.front().state = ProviderRefundState::failed;
  notice(surplus);
  EXPECT_EQ(shown(surplus), Surplus::returned);
  provider.refund_state = ProviderRefundState::failed;
  reconcile();
  EXPECT_EQ(sorted(listed(surplus)), "external 13.30 failed, surplus 13.30 failed");
  EXPECT_EQ(shown(surplus), Surplus::stuck);
  let_pass(2h);
  EXPECT_EQ(provider.refund_calls, 1) << "somebody has to look";
  expect_sound_books();
}

// Ours waits at the provider; the merchant cancels it there, and gives the money back in another way.
TEST_F(MoneyGivenBack, MayReplaceWhatWaits) {
  for (const bool is_noticed : {true, false}) {
    SCOPED_TRACE(is_noticed ? "by notice" : "by our turn");
    Till fresh;
    const Attempt surplus = fresh.pay_again();
    fresh.settle(surplus);
    fresh.provider.refund_state = ProviderRefundState::pending;
    fresh.reconcile();
    EXPECT_EQ(fresh.listed(surplus), "surplus 13.30 pending");
    fresh.provider.refund_by_hand("tr_2", euros(1330), ProviderRefundState::refunded);
    std::ranges::swap(fresh.provider.refunds[0], fresh.provider.refunds[1]);  // newest first
    fresh.provider.refunds[1].state = ProviderRefundState::failed;
    if (is_noticed)
      fresh.notice(surplus);
    else
      fresh.let_pass(2min);
    EXPECT_EQ(sorted(fresh.listed(surplus)), "external 13.30 refunded, surplus 13.30 failed");
    EXPECT_EQ(fresh.shown(surplus), Surplus::returned);
    EXPECT_EQ(fresh.alerts("refund_exceeds"), 0);
    EXPECT_EQ(fresh.provider.refund_calls, 1);
    fresh.expect_sound_books();
  }
}

TEST_F(MoneyGivenBack, IsBookedAlsoWhereOursIsRefused) {
  const Attempt paid = pay();
  provider.refund_by_hand("tr_1", euros(400), ProviderRefundState::refunded);
  ASSERT_TRUE(refund(paid, euros(500)));
  provider.refund_failures = {FakeProvider::refused()};
  database.clock.advance(1s);
  reconcile();
  EXPECT_EQ(listed(paid), "external 4.00 refunded, requested 5.00 requested");
  expect_sound_books();
}

// Should it come to that, somebody sees it.
TEST_F(MoneyGivenBack, ASecondOneThatSaysItIsOursIsBooked) {
  const Attempt paid = pay();
  const auto asked = refund(paid, euros(500));
  ASSERT_TRUE(asked);
  reconcile();
  for (const std::int64_t minor_units : {500, 1000}) {
    provider.refund_by_hand("tr_1", euros(minor_units), ProviderRefundState::refunded);
    provider.refunds.back().refund = asked->id.text();
    notice(paid);
  }
  EXPECT_EQ(listed(paid), "external 5.00 refunded, requested 5.00 refunded");
  EXPECT_EQ(alerts("refund_exceeds"), 1);
  expect_sound_books();
}

TEST_F(MoneyGivenBack, OfASurplusMoreThanCameInIsNotStuck) {
  const Attempt surplus = pay_again();
  provider.refund_by_hand("tr_2", euros(1530), ProviderRefundState::refunded);
  settle(surplus);
  let_pass(1h);
  EXPECT_EQ(provider.refund_calls, 0);
  EXPECT_EQ(shown(surplus), Surplus::returned);
  EXPECT_EQ(alerts("refund_exceeds"), 1);
  expect_sound_books();
}

TEST_F(MoneyGivenBack, OfASurplusOnlyTheRestGoesBack) {
  const Attempt surplus = pay_again();
  provider.refund_by_hand("tr_2", euros(400), ProviderRefundState::refunded);
  settle(surplus);
  EXPECT_EQ(sorted(listed(surplus)), "external 4.00 refunded, surplus 9.30 requested");
  reconcile();
  EXPECT_EQ(sorted(listed(surplus)), "external 4.00 refunded, surplus 9.30 refunded");
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  EXPECT_EQ(shown(surplus), Surplus::returned);
  expect_sound_books();
}

TEST_F(MoneyGivenBack, OfASurplusThatTheMerchantReturnedNothingGoesBack) {
  const Attempt surplus = pay_again();
  provider.refund_by_hand("tr_2", euros(1330), ProviderRefundState::refunded);
  settle(surplus);
  let_pass(1h);
  EXPECT_EQ(listed(surplus), "external 13.30 refunded");
  EXPECT_EQ(provider.refund_calls, 0);
  EXPECT_EQ(shown(surplus), Surplus::returned);
  expect_sound_books();
}

// Nobody has told us: we see it when we are about to.
TEST_F(MoneyGivenBack, IsLookedForBeforeASurplusIsSent) {
  const Attempt surplus = pay_again();
  settle(surplus);
  provider.refund_by_hand("tr_2", euros(400), ProviderRefundState::pending);
  database.clock.advance(1s);
  EXPECT_GE(reconcile(), 2);
  EXPECT_EQ(sorted(listed(surplus)), "external 4.00 pending, surplus 13.30 failed, surplus 9.30 refunded");
  EXPECT_EQ(provider.refund_calls, 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  // The merchant's does not come through after all.
  provider.refunds.front().state = ProviderRefundState::failed;
  let_pass(2min);
  EXPECT_EQ(sorted(listed(surplus)),
            "external 4.00 failed, surplus 13.30 failed, surplus 4.00 refunded, surplus 9.30 refunded");
  expect_sound_books();
}

// A part by hand is no word that the rest is done by hand, too.
TEST_F(MoneyGivenBack, APartByHandDoesNotEndTheRest) {
  const Attempt surplus = pay_again();
  settle(surplus);
  provider.refund_failures = {FakeProvider::refused()};
  reconcile();
  provider.refund_by_hand("tr_2", euros(400), ProviderRefundState::refunded);
  notice(surplus);
  reconcile();
  EXPECT_EQ(sorted(listed(surplus)), "external 4.00 refunded, surplus 13.30 failed, surplus 9.30 refunded");
  EXPECT_EQ(shown(surplus), Surplus::returned);
  expect_sound_books();
}

TEST_F(MoneyGivenBack, WhatTheBankTookBackIsNotGivenBack) {
  const Attempt surplus = pay_again();
  settle(surplus);
  take_back("tr_2", 1330);
  let_pass(1h);
  EXPECT_EQ(provider.refund_calls, 0);
  EXPECT_EQ(listed(surplus), "surplus 13.30 failed");
  EXPECT_EQ(shown(surplus), Surplus::returned) << "nobody has to return it by hand";
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM provider_alerts"), 0);
  expect_sound_books();
  // The bank gives up, and the money is there again.
  take_back("tr_2", 1330, database.clock.now());
  notice(surplus);
  reconcile();
  EXPECT_EQ(listed(surplus), "surplus 13.30 refunded, surplus 13.30 failed");
  expect_sound_books();
}

TEST_F(MoneyGivenBack, MayComeBack) {
  const Attempt paid = pay();
  ASSERT_TRUE(refund(paid, euros(330)));
  reconcile();
  provider.refund_by_hand("tr_1", euros(1000), ProviderRefundState::refunded);
  notice(paid);
  EXPECT_EQ(listed(paid), "external 10.00 refunded, requested 3.30 refunded");
  const auto events = database.number("SELECT COUNT(*) FROM outbox_events");
  for (auto& made : provider.refunds) made.state = ProviderRefundState::failed;
  for (int i = 0; i < 2; ++i) notice(paid);
  EXPECT_EQ(listed(paid), "external 10.00 failed, requested 3.30 failed");
  EXPECT_EQ(alerts("refund_failed"), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox_events"), events + 2);
  EXPECT_EQ(database.number("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger_entries WHERE account = 'provider'"),
            1330);
  expect_sound_books();
  ASSERT_TRUE(refund(paid));
  reconcile();
  EXPECT_EQ(listed(paid), "requested 13.30 refunded, external 10.00 failed, requested 3.30 failed");
  expect_sound_books();
}

// Refused once, then sent with its answer lost, then asked about in vain: it is made, and not said to have failed.
TEST_F(MoneyGivenBack, ALostAnswerIsNotForgottenForARefusalBefore) {
  const Attempt paid = pay();
  ASSERT_TRUE(refund(paid, euros(500)));
  provider.refund_failures = {FakeProvider::refused()};
  reconcile();
  database.clock.advance(5min);
  provider.lose_next_answer = true;
  reconcile();
  EXPECT_EQ(provider.refunds.size(), 1U);
  for (int i = 0; i < 2 * refund_refusals_max; ++i) {
    provider.failures = {FakeProvider::unknown()};
    database.clock.advance(5min);
    reconcile();
  }
  EXPECT_EQ(listed(paid), "requested 5.00 requested");
  let_pass(2h);
  EXPECT_EQ(listed(paid), "requested 5.00 refunded");
  EXPECT_EQ(provider.refunds.size(), 1U);
  expect_sound_books();
}

// The same, and the merchant gives something back by himself: ours may be there, and is not given up for his.
TEST_F(MoneyGivenBack, WhatMayBeThereKeepsItsPlace) {
  const Attempt paid = pay();
  ASSERT_TRUE(refund(paid));
  provider.refund_failures = {FakeProvider::refused()};
  reconcile();
  database.clock.advance(5min);
  provider.lose_next_answer = true;
  reconcile();
  provider.refund_by_hand("tr_1", euros(100), ProviderRefundState::refunded);
  notice(paid);
  EXPECT_EQ(listed(paid), "requested 13.30 requested");
  let_pass(5min);
  EXPECT_EQ(listed(paid), "requested 13.30 refunded");
  EXPECT_EQ(alerts("refund_exceeds"), 1);
  expect_sound_books();
}

TEST_F(MoneyGivenBack, WhatWasGivenUpIsBookedWhenItIsThereAllTheSame) {
  const Attempt paid = pay();
  const auto asked = refund(paid);
  ASSERT_TRUE(asked);
  provider.refund_failures = {FakeProvider::refused(), FakeProvider::refused(), FakeProvider::refused()};
  let_pass(10min);
  EXPECT_EQ(listed(paid), "requested 13.30 failed");
  provider.refund_by_hand("tr_1", euros(1330), ProviderRefundState::refunded);
  provider.refunds.back().refund = asked->id.text();
  for (int i = 0; i < 2; ++i) notice(paid);
  EXPECT_EQ(listed(paid), "external 13.30 refunded, requested 13.30 failed");
  EXPECT_EQ(refund(paid).error().reason, "invalid_status");
  expect_sound_books();
}

TEST_F(MoneyGivenBack, WhatWaitsForAWeekIsTold) {
  provider.refund_state = ProviderRefundState::pending;
  const Attempt paid = pay();
  ASSERT_TRUE(refund(paid));
  reconcile();
  for (int day = 1; day < 7; ++day) {
    database.clock.advance(24h);
    reconcile();
  }
  EXPECT_EQ(alerts("refund_late"), 0);
  database.clock.advance(24h);
  reconcile();
  EXPECT_EQ(alerts("refund_late"), 1);
}

// It may be of somebody else who has the same account.
TEST_F(MoneyGivenBack, AChargebackThatCannotBeReadHidesNoOther) {
  const Attempt paid = pay();
  take_back("tr_1", 1330);
  const ProviderChargeback ours = provider.payments.at("tr_1").chargebacks.front();
  provider.charged_back = {{"tr_9", {"chb_9", euros(1), ours.created_at, {}}}, {"tr_1", ours}};
  provider.payments.emplace("tr_9", provider.payments.at("tr_1"));
  ChargebackLooks looks{lane, provider, keys};
  provider.during_find = [&] { provider.failures = {fail(ErrorCode::internal, "provider_answer", "")}; };
  EXPECT_EQ(*now(looks.look(50)), 1);
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM chargebacks"), 1);
  const int finds = provider.finds;
  database.clock.advance(8h);
  EXPECT_EQ(*now(looks.look(50)), 1);
  EXPECT_EQ(provider.finds, finds + 1) << "what could not be read is asked about again";
  EXPECT_EQ(database.number("SELECT COUNT(*) FROM connection_alerts WHERE kind = 'provider_answer'"), 1);
  expect_sound_books();
}

}  // namespace
}  // namespace paylink::app
