#include <gtest/gtest.h>

#include <algorithm>

#include "store/api_keys.hpp"
#include "store/attempts.hpp"
#include "store/credentials.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/money_movements.hpp"
#include "store/node_counts.hpp"
#include "store/payment_links.hpp"
#include "store/testing.hpp"
#include "store/testing_fixture.hpp"

namespace paylink::store {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using testing::Fixture;
using testing::token_of;

TEST(PaymentLinks, BringsBackWhatWasStored) {
  Fixture fixture;
  PaymentLink basket = testing::make_link(fixture.database, fixture.ours.id, Reusable::yes);
  basket.subject = Basket{R"([{"title":"Tea"}])"};
  PaymentLink invoice = testing::make_link(fixture.database, fixture.ours.id);
  invoice.subject = Invoice{InvoiceId(Uuid::v4(fixture.database.random)), "F-1", "Anna"};
  for (const PaymentLink& link : {basket, invoice}) {
    ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(link); }));
    const auto found = fixture.database.write(
        [&](sql::Transaction& tx) { return PaymentLinks(tx).find_by_resource(link.organization, link.resource_id); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->id, link.id);
    EXPECT_EQ(found->amount, link.amount);
    EXPECT_EQ(found->methods, link.methods);
    EXPECT_EQ(found->reusable, link.reusable);
    EXPECT_EQ(found->subject.index(), link.subject.index());
    EXPECT_EQ(found->expiration_date, link.expiration_date);
    EXPECT_EQ(found->expires_effective_at, link.expires_effective_at);
    EXPECT_FALSE(found->canceled_at.has_value());
  }
}

TEST(PaymentLinks, ExpireWhenTheirTimeHasCome) {
  Fixture fixture;
  const auto late = testing::add_link(fixture.database, fixture.ours.id);
  PaymentLink kept = testing::make_link(fixture.database, fixture.ours.id);
  kept.expires_effective_at.reset();  // an attempt begun in time is alive
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(kept); }));
  const auto sweep = [](sql::Transaction& tx) { return PaymentLinks(tx).expire_due(10); };
  EXPECT_EQ(fixture.database.write(sweep)->size(), 0U);
  fixture.database.clock.advance(std::chrono::days(366));
  const auto expired = fixture.database.write(sweep);
  ASSERT_EQ(expired->size(), 1U);
  EXPECT_EQ(expired->front().id, late.id);
  EXPECT_EQ(fixture.database.write(sweep)->size(), 0U);
}

TEST(Attempts, OnlyOneIsCurrentOnALinkThatCanBePaidOnce) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  Attempt first = fixture.make_attempt(link);
  ASSERT_TRUE(fixture.insert(first));
  const auto second = fixture.insert(fixture.make_attempt(link));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().reason, "already_exists");
  first.superseded_at = fixture.database.clock.now();
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) { return Attempts(tx).update(first, std::nullopt); }));
  EXPECT_TRUE(fixture.insert(fixture.make_attempt(link)));

  const auto reusable = testing::add_link(fixture.database, fixture.ours.id, Reusable::yes);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fixture.insert(fixture.make_attempt(reusable), Reusable::yes));
}

TEST(Attempts, ClaimsEachDueOneForOneReconciler) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  const Attempt attempt = fixture.make_attempt(link);
  ASSERT_TRUE(fixture.insert(attempt));
  const auto claim = [](sql::Transaction& tx) { return Attempts(tx).claim_due(5, 45s); };
  EXPECT_TRUE(fixture.database.write(claim)->empty());
  fixture.database.clock.advance(30s);
  const auto claimed = fixture.database.write(claim);
  ASSERT_EQ(claimed->size(), 1U);
  EXPECT_EQ(claimed->front().id, attempt.id);
  EXPECT_EQ(claimed->front().tries, 1);
  EXPECT_TRUE(fixture.database.write(claim)->empty());
  fixture.database.clock.advance(45s);
  EXPECT_EQ(fixture.database.write(claim)->front().tries, 2);
}

TEST(Attempts, OfThoseThatAreOverNoneCounts) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id, Reusable::yes);
  for (const auto& [state, name] : attempt_state_names.rows) {
    Attempt attempt = fixture.make_attempt(link);
    attempt.state = state;
    ASSERT_TRUE(fixture.insert(attempt, Reusable::yes));
  }
  const auto facts = fixture.database.write(
      [&](sql::Transaction& tx) { return Attempts(tx).facts_of_link(link.organization, link.id, Reusable::no); });
  ASSERT_EQ(facts->size(), 3U);
  for (const AttemptFacts& fact : *facts) EXPECT_FALSE(is_final(fact.state));
}

// Whatever they are, and in whatever order they were begun.
TEST(Attempts, OneSaysWhetherAReusableLinkStaysOpen) {
  Fixture fixture;
  const auto later = fixture.database.clock.now() + 24h;
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    const auto link = testing::add_link(fixture.database, fixture.ours.id, Reusable::yes);
    const LinkFacts known{Reusable::yes, Canceled::no, Captured::no, fixture.database.clock.now()};
    std::vector<AttemptFacts> all;
    for (int i = 0; i < round % 5; ++i) {
      std::uint8_t dice[3];
      fixture.database.random.fill(std::as_writable_bytes(std::span(dice)));
      Attempt attempt = fixture.make_attempt(link);
      attempt.state = attempt_state_names.rows[dice[0] % attempt_state_names.rows.size()].first;
      attempt.created_at = known.expiration_date + std::chrono::seconds(dice[1] % 3 - 1);
      ASSERT_TRUE(fixture.insert(attempt, Reusable::yes));
      if (dice[2] % 2 == 1) attempt.superseded_at = later;
      const auto supersede = [&](sql::Transaction& tx) { return Attempts(tx).update(attempt, std::nullopt); };
      ASSERT_TRUE(fixture.database.write(supersede));
      all.push_back({attempt.state, attempt.created_at, attempt.superseded_at.has_value()});
    }
    const auto read = [&](sql::Transaction& tx) {
      return Attempts(tx).facts_of_link(link.organization, link.id, Reusable::yes);
    };
    const auto facts = fixture.database.write(read);
    ASSERT_TRUE(facts);
    EXPECT_LE(facts->size(), 1U);
    EXPECT_EQ(link_status(known, *facts, later), link_status(known, all, later));
    EXPECT_EQ(expires_effective_at(known, *facts), expires_effective_at(known, all));
  }
}

TEST(MoneyMovements, KeepsOneCaptureOfALinkThatCanBePaidOnce) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  Attempt first = fixture.make_attempt(link), second = fixture.make_attempt(link);
  first.state = second.state = AttemptState::paid;
  ASSERT_TRUE(fixture.insert(first) && fixture.insert(second));
  const auto insert = [&](const Attempt& attempt, Kept kept) {
    return fixture.database.write([&](sql::Transaction& tx) {
      return MoneyMovements(tx).insert_capture(fixture.capture_of(attempt, kept), Reusable::no);
    });
  };
  ASSERT_TRUE(insert(first, Kept::kept));
  EXPECT_EQ(insert(second, Kept::kept).error().reason, "already_exists");
  EXPECT_EQ(insert(first, Kept::surplus).error().reason, "already_exists");  // one capture an attempt
  EXPECT_TRUE(insert(second, Kept::surplus));
}

TEST(MoneyMovements, BooksTwoRowsThatSumToZero) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  const Attempt attempt = fixture.make_attempt(link);
  ASSERT_TRUE(fixture.insert(attempt));
  const Movement movement{attempt.organization,  Uuid::v7(fixture.database.clock.now(), fixture.database.random),
                          MovementKind::capture, attempt.id,
                          Account::payers,       Account::provider,
                          attempt.amount,        fixture.database.clock.now()};
  ASSERT_TRUE(
      fixture.database.write([&](sql::Transaction& tx) { return MoneyMovements(tx).insert_movement(movement); }));
  EXPECT_EQ(fixture.database.number("SELECT COUNT(*) FROM ledger_entries"), 2);
  EXPECT_EQ(fixture.database.number("SELECT CAST(SUM(amount_minor) AS BIGINT) FROM ledger_entries"), 0);
  EXPECT_EQ(fixture.database.number("SELECT amount_minor FROM ledger_entries WHERE account = 'provider'"), 1330);
}

TEST(MoneyMovements, TakesNoMoreThanWasCaptured) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  const Attempt attempt = fixture.make_attempt(link);
  ASSERT_TRUE(fixture.insert(attempt));
  const auto insert = [&](std::int64_t cents) {
    Refund refund = fixture.refund_of(attempt);
    refund.amount = testing::euros(cents);
    return fixture.database.write(
        [&](sql::Transaction& tx) { return MoneyMovements(tx).insert_refund(refund, tx.now()); });
  };
  EXPECT_EQ(insert(1).error().reason, "refund_exceeds_capture");  // nothing has come in
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) {
    return MoneyMovements(tx).insert_capture(fixture.capture_of(attempt, Kept::kept), Reusable::no);
  }));
  EXPECT_TRUE(insert(1000));
  EXPECT_EQ(insert(331).error().reason, "refund_exceeds_capture");
  EXPECT_TRUE(insert(330));
  EXPECT_EQ(insert(1).error().reason, "refund_exceeds_capture");
  EXPECT_EQ(fixture.database.number("SELECT COUNT(*) FROM refunds"), 2);
  // Whoever goes past all of that meets the table itself.
  EXPECT_FALSE(fixture.database.execute_script("UPDATE captures SET refunds_minor = refunds_minor + 1"));
  EXPECT_FALSE(fixture.database.execute_script("UPDATE captures SET refunds_minor = -1"));
  Refund failed = fixture.refund_of(attempt);
  failed.amount = testing::euros(330);
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) { return MoneyMovements(tx).release_refund(failed); }));
  EXPECT_TRUE(insert(330));
}

// Whatever one organization asks by another's ids is as if it were not there, and changes nothing.
TEST(Stores, KeepTenantsApart) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id);
  const Attempt attempt = fixture.make_attempt(link);
  ASSERT_TRUE(fixture.insert(attempt));
  const OrganizationId other = fixture.theirs.id;
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) -> Result<> {
    EXPECT_EQ(PaymentLinks(tx).find(other, link.id).error().reason, "not_found");
    EXPECT_EQ(PaymentLinks(tx).find_by_resource(other, link.resource_id).error().reason, "not_found");
    EXPECT_EQ(Attempts(tx).find(other, attempt.id).error().reason, "not_found");
    EXPECT_EQ(Attempts(tx).find_by_token(other, token_of(attempt)).error().reason, "not_found");
    EXPECT_FALSE(TRY(Attempts(tx).find_by_nonce(other, link.id, attempt.nonce)).has_value());
    EXPECT_TRUE(TRY(Attempts(tx).current_of_link(other, link.id)).empty());
    EXPECT_TRUE(TRY(Attempts(tx).facts_of_link(other, link.id, Reusable::no)).empty());
    EXPECT_FALSE(TRY(MoneyMovements(tx).has_capture(other, attempt.id)));
    EXPECT_FALSE(TRY(MoneyMovements(tx).capture_totals(other, attempt.id)).has_value());
    EXPECT_EQ(TRY(MoneyMovements(tx).list_refunds(other, attempt.id, {})).total, 0);
    TRY(MoneyMovements(tx).insert_chargeback(fixture.chargeback_of(attempt)));
    EXPECT_TRUE(TRY(MoneyMovements(tx).find_chargeback(fixture.ours.id, attempt.id, "chb_1")).has_value());
    EXPECT_FALSE(TRY(MoneyMovements(tx).find_chargeback(other, attempt.id, "chb_1")).has_value());
    EXPECT_EQ(TRY(MoneyMovements(tx).list_chargebacks(other, attempt.id, {})).total, 0);
    EXPECT_EQ(TRY(MoneyMovements(tx).charged_back_minor(other, attempt.id)), 0);

    PaymentLink stolen = link;
    stolen.organization = other;
    stolen.status = LinkStatus::canceled;
    TRY(PaymentLinks(tx).update_status(stolen, {LinkStatus::open, stolen.expires_effective_at}));
    Attempt taken = attempt;
    taken.organization = other;
    taken.state = AttemptState::paid;
    TRY(Attempts(tx).update(taken, std::nullopt));
    EXPECT_EQ(TRY(PaymentLinks(tx).find(link.organization, link.id)).status, LinkStatus::open);
    EXPECT_EQ(TRY(Attempts(tx).find(attempt.organization, attempt.id)).state, AttemptState::open);

    TRY(IdempotencyKeys(tx).put(fixture.ours.id, "key", {"print", 201, "body", tx.now()}));
    EXPECT_FALSE(TRY(IdempotencyKeys(tx).find(other, "key")).has_value());
    TRY(ApiKeys(tx).insert(
        {fixture.ours.id, ApiKeyId::create(tx.now(), tx.random()), "n", "hash", "abcd", "scope", "us", std::nullopt}));
    EXPECT_TRUE(TRY(Credentials(tx).find_api_key(fixture.ours.id, "hash")).has_value());
    EXPECT_FALSE(TRY(Credentials(tx).find_api_key(other, "hash")).has_value());
    return {};
  }));
}

TEST(Credentials, AreNotFoundOnceExpiredOrRevoked) {
  struct Case {
    std::string name;
    std::string change;
    bool found;
  };
  const Case cases[] = {
      {"as made", "UPDATE api_keys SET scopes = scopes", true},
      {"expires in the future", "UPDATE api_keys SET expires_at = 9000000000000000", true},
      {"has expired", "UPDATE api_keys SET expires_at = 1", false},
      {"revoked", "UPDATE api_keys SET revoked_at = 1", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Fixture fixture;
    ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) {
      return ApiKeys(tx).insert(
          {fixture.ours.id, ApiKeyId::create(tx.now(), tx.random()), "n", "hash", "abcd", "a b", "us", std::nullopt});
    }));
    ASSERT_TRUE(fixture.database.execute_script(c.change));
    const auto found = fixture.database.write(
        [&](sql::Transaction& tx) { return Credentials(tx).find_api_key(fixture.ours.id, "hash"); });
    EXPECT_EQ(found->has_value(), c.found);
  }
}

TEST(Retention, DeletesTheOldestFirstAndNoMoreThanAsked) {
  Fixture fixture;
  Database& database = fixture.database;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(IdempotencyKeys(tx).put(fixture.ours.id, std::to_string(i), {"print", 201, "body", tx.now()}));
      return Events(tx).add_outbox(fixture.ours.id, "type", "{}");
    }));
    database.clock.advance(1h);
  }
  const Time before = database.clock.now() - 90min;  // four of five
  const auto purge = [&](sql::Transaction& tx) -> Result<int> {
    const int keys = TRY(IdempotencyKeys(tx).purge(before, 3));
    const int events = TRY(Events(tx).purge_outbox(before, 3));
    return keys * 10 + events;
  };
  EXPECT_EQ(*database.write(purge), 33);
  EXPECT_EQ(*database.write(purge), 11);
  EXPECT_EQ(*database.write(purge), 0);
}

TEST(NodeCounts, BringsBackWhatNodesToldInOrder) {
  Database database;
  const Time start = database.clock.now();
  const Uuid one = Uuid::v7(start, database.random), other = Uuid::v7(start, database.random);
  const std::string bytes("\0\xff\1", 3);
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    NodeCounts counts(tx);
    TRY(counts.insert(one, {2, start + 1s, bytes}));
    TRY(counts.insert(one, {1, start, "first"}));
    TRY(counts.insert(one, {1, start + 5s, "the same again"}));
    TRY(counts.insert(one, {10, start + 2s, "third"}));
    TRY(counts.insert(other, {7, start, "other"}));

    const auto told = TRY(counts.after(one, 0, start, 10));
    EXPECT_EQ(told.size(), 3U);
    EXPECT_EQ(told.at(0).counts, "first");
    EXPECT_EQ(told.at(0).counted_at, start);
    EXPECT_EQ(told.at(1).counts, bytes);
    EXPECT_EQ(told.at(2).sequence, 10);
    EXPECT_EQ(TRY(counts.after(one, 0, start, 2)).back().sequence, 2);
    EXPECT_EQ(TRY(counts.after(one, 2, start, 10)).size(), 1U);
    EXPECT_EQ(TRY(counts.after(one, 0, start + 1s, 10)).size(), 2U);
    EXPECT_TRUE(TRY(counts.after(one, 10, start, 10)).empty());

    EXPECT_EQ(TRY(counts.newest(start)).size(), 2U);
    const auto newest = TRY(counts.newest(start + 1s));
    EXPECT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest.at(one), 10);

    EXPECT_EQ(TRY(counts.purge(start, 10)), 0);
    EXPECT_EQ(TRY(counts.purge(start + 2s, 2)), 2);
    EXPECT_EQ(TRY(counts.purge(start + 2s, 2)), 1);
    EXPECT_EQ(TRY(counts.newest(start)).size(), 1U);
    return {};
  }));
}

TEST(Events, KeepTheFirstAlertOfAKind) {
  Fixture fixture;
  const AttemptId attempt = AttemptId::create(fixture.database.clock.now(), fixture.database.random);
  for (const std::string detail : {"first", "second"})
    ASSERT_TRUE(fixture.database.write(
        [&](sql::Transaction& tx) { return Events(tx).add_alert(fixture.ours.id, attempt, "kind", detail); }));
  EXPECT_EQ(fixture.database.number("SELECT COUNT(*) FROM provider_alerts WHERE detail = 'first'"), 1);
  EXPECT_EQ(fixture.database.number("SELECT COUNT(*) FROM provider_alerts"), 1);
}

// What somebody else has sent may be in it.
TEST(Events, TellInTextWhateverTheirDetailIs) {
  Fixture fixture;
  const Uuid about = Uuid::v4(fixture.database.random);
  const std::string detail("HTTP 422: Caf\xE9\0", 15);
  ASSERT_TRUE(fixture.database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(Events(tx).add_alert(fixture.ours.id, AttemptId(about), "kind", detail));
    return Events(tx).add_alert(fixture.ours.id, ConnectionId(about), "kind", detail);
  }));
  constexpr std::string_view details[] = {"SELECT detail FROM provider_alerts", "SELECT detail FROM connection_alerts"};
  for (const std::string_view told : details)
    EXPECT_EQ(fixture.database.ask(told).front().text(0), "HTTP 422: Caf\uFFFD\uFFFD");
}

TEST(Attempts, AreListedPerLinkAndState) {
  Fixture fixture;
  const auto link = testing::add_link(fixture.database, fixture.ours.id, Reusable::yes);
  std::vector<AttemptId> ids;
  for (const auto& [state, name] : attempt_state_names.rows) {
    fixture.database.clock.advance(1s);
    Attempt attempt = fixture.make_attempt(link);
    attempt.state = state;
    ASSERT_TRUE(fixture.insert(attempt, Reusable::yes));
    ids.push_back(attempt.id);
  }
  const auto list = [&](AttemptFilter filter, Page page) {
    const auto listed = fixture.database.write(
        [&](sql::Transaction& tx) { return Attempts(tx).list_of_link(link.organization, link.id, filter, page); });
    std::vector<AttemptId> found;
    for (const Attempt& attempt : listed->entries) found.push_back(attempt.id);
    return std::pair(found, listed->total);
  };
  EXPECT_EQ(list({{}, Direction::ascending}, {2, 3}), std::pair(std::vector{ids[3], ids[4], ids[5]}, std::int64_t{7}));
  EXPECT_EQ(list({{}, Direction::descending}, {1, 2}), std::pair(std::vector{ids[6], ids[5]}, std::int64_t{7}));
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(list({{attempt_state_names.rows[i].first}}, {}), std::pair(std::vector{ids[i]}, std::int64_t{1}));
}

}  // namespace
}  // namespace paylink::store
