#include "store/ledger.hpp"

#include <gtest/gtest.h>

#include "store/testing.hpp"
#include "store/testing_fixture.hpp"

namespace paylink::store {
namespace {

using testing::Fixture;

// Two payments. Of one a part was given back, another is asked for, and a third failed; and the payer's bank took a
// payment back and gave that up again.
struct Books : Fixture {
  Books() {
    for (int i = 0; i < 2; ++i) pay();
    give_back(500, RefundState::refunded);
    give_back(300, RefundState::pending);
    give_back(530, RefundState::failed);
    take_back();
  }

  void pay() {
    Attempt attempt = make_attempt(testing::add_link(database, ours.id));
    attempt.state = AttemptState::paid;
    ENSURE(insert(attempt).has_value());
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(MoneyMovements(tx).insert_capture(capture_of(attempt, Kept::kept), Reusable::no));
      return book(MovementKind::capture, attempt, attempt.amount, tx);
    }));
    paid = attempt;
  }
  void give_back(std::int64_t cents, RefundState state) {
    Refund refund = refund_of(*paid);
    refund.amount = testing::euros(cents);
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      MoneyMovements movements(tx);
      TRY(movements.insert_refund(refund, tx.now()));
      refund.state = state;
      TRY(movements.update_refund(refund, std::nullopt));
      if (state == RefundState::failed) TRY(movements.release_refund(refund));
      return state == RefundState::refunded ? book(MovementKind::refund, *paid, refund.amount, tx) : Result<>();
    }));
  }
  void take_back() {
    Chargeback chargeback = chargeback_of(*paid);
    chargeback.reversed_at = database.clock.now();
    ENSURE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(MoneyMovements(tx).insert_chargeback(chargeback));
      TRY(book(MovementKind::chargeback, *paid, chargeback.amount, tx));
      return book(MovementKind::chargeback_reversal, *paid, chargeback.amount, tx);
    }));
  }
  static Result<> book(MovementKind kind, const Attempt& attempt, Money amount, sql::Transaction& tx) {
    const bool in = kind == MovementKind::capture || kind == MovementKind::chargeback_reversal;
    return MoneyMovements(tx).insert_movement({attempt.organization, Uuid::v7(tx.now(), tx.random()), kind, attempt.id,
                                               in ? Account::payers : Account::provider,
                                               in ? Account::provider : Account::payers, amount, tx.now()});
  }
  std::vector<std::string> violations(int limit = 10) {
    return *database.write([&](sql::Transaction& tx) { return Ledger(tx).violations(limit); });
  }

  std::optional<Attempt> paid;  // the last
};

TEST(Ledger, AddsAccountsUp) {
  Books books;
  const auto balances = books.database.write([](sql::Transaction& tx) { return Ledger(tx).balances(); });
  ASSERT_EQ(balances->size(), 2U);
  EXPECT_EQ(balances->at(0).account, "payers");
  EXPECT_EQ(balances->at(0).minor_units, -2160);
  EXPECT_EQ(balances->at(1).account, "provider");
  EXPECT_EQ(balances->at(1).minor_units, 2160);
  EXPECT_EQ(balances->at(1).entries, 5);
  EXPECT_EQ(*books.database.write([](sql::Transaction& tx) { return Ledger(tx).count_movements(); }), 5);
  EXPECT_EQ(*books.database.write([](sql::Transaction& tx) { return Ledger(tx).count_payments(); }), 2);
  EXPECT_EQ(books.violations(), std::vector<std::string>{});
}

// One row is spoiled at a time, and each is seen.
TEST(Ledger, SeesWhatWasSpoiled) {
  struct Case {
    std::string name;
    std::string change;  // of everything that fits
    std::vector<std::string> says;
  };
  const std::string one_refund = " WHERE kind = 'refund' AND side = 1";
  const Case cases[] = {
      {"half of a pair is gone", "DELETE FROM ledger_entries" + one_refund, {"no pair that sums to zero"}},
      {"a pair that sums to a cent",
       "UPDATE ledger_entries SET amount_minor = 501" + one_refund,
       {"no pair that sums to zero"}},
      {"two currencies", "UPDATE ledger_entries SET currency = 'USD'" + one_refund, {"no pair that sums to zero"}},
      {"both of one account",
       "UPDATE ledger_entries SET account = 'provider'" + one_refund,
       {"no pair that sums to zero", "its ledger has 0.00 EUR of kind refund, its rows have -5.00 EUR"}},
      {"two kinds", "UPDATE ledger_entries SET kind = 'capture'" + one_refund, {"no pair that sums to zero"}},
      {"a pair is gone",
       "DELETE FROM ledger_entries WHERE kind = 'refund'",
       {"its ledger has 0.00 EUR of kind refund, its rows have -5.00 EUR"}},
      {"a pair of another amount",
       "UPDATE ledger_entries SET amount_minor = amount_minor * 2 WHERE kind = 'refund'",
       {"its ledger has -10.00 EUR of kind refund, its rows have -5.00 EUR"}},
      {"a refund nobody booked",
       "UPDATE refunds SET state = 'refunded' WHERE state = 'pending'",
       {"its ledger has -5.00 EUR of kind refund, its rows have -8.00 EUR"}},
      {"a refund that was booked is not done",
       "UPDATE refunds SET state = 'pending' WHERE state = 'refunded'",
       {"its ledger has -5.00 EUR of kind refund, its rows have 0.00 EUR"}},
      {"a chargeback nobody knows",
       "DELETE FROM chargebacks",
       {"its ledger has -13.30 EUR of kind chargeback, its rows have 0.00 EUR",
        "its ledger has 13.30 EUR of kind chargeback_reversal, its rows have 0.00 EUR"}},
      {"a chargeback that was not reversed",
       "UPDATE chargebacks SET reversed_at = NULL",
       {"its ledger has 13.30 EUR of kind chargeback_reversal, its rows have 0.00 EUR"}},
      {"more given back than came in",
       "UPDATE refunds SET amount_minor = 1000 WHERE state = 'pending'",
       {"15.00 EUR of refunds, of 13.30 EUR that came in; the capture says 8.00 EUR"}},
      {"a refund that nothing was kept for",
       "UPDATE captures SET refunds_minor = 0",
       {"8.00 EUR of refunds, of 13.30 EUR that came in; the capture says 0.00 EUR"}},
      {"a failed one that still takes its amount",
       "UPDATE captures SET refunds_minor = 1330 WHERE refunds_minor > 0",
       {"8.00 EUR of refunds, of 13.30 EUR that came in; the capture says 13.30 EUR"}},
      {"paid, and nothing came in",
       "DELETE FROM captures WHERE refunds_minor = 0",
       {"its ledger has 13.30 EUR of kind capture, its rows have 0.00 EUR",
        "it is paid, and what came in is not its amount"}},
      {"not paid, and something came in",
       "UPDATE attempts SET state = 'failed' WHERE id IN (SELECT attempt_id FROM captures WHERE refunds_minor > 0)",
       {"it is failed, and what came in is not its amount"}},
      {"a link that is not counted",
       "UPDATE payment_link_counts SET links = links - 1",
       {"links that are open of organization"}},
      {"a link that became another's",
       "UPDATE payment_links SET status = 'paid'",
       {"links that are open of organization", "links that are paid of organization"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Books books;
    ASSERT_TRUE(books.database.execute_script(c.change));
    const auto found = books.violations();
    ASSERT_EQ(found.size(), c.says.size()) << (found.empty() ? "" : found.front());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NE(found[i].find(c.says[i]), std::string::npos) << found[i];
      EXPECT_NE(found[i].find(" of organization " + books.ours.id.text()), std::string::npos) << found[i];
    }
  }
}

TEST(Ledger, SaysNoMoreThanAsked) {
  Books books;
  ASSERT_TRUE(books.database.execute_script("DELETE FROM ledger_entries WHERE side = 0"));
  EXPECT_EQ(books.violations().size(), 5U + 2U);  // no pairs; and the provider's side of what left it
  EXPECT_EQ(books.violations(2).size(), 2U + 2U);
  EXPECT_EQ(books.violations(1).size(), 1U + 1U);
}

}  // namespace
}  // namespace paylink::store
