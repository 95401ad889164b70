#include <gtest/gtest.h>

#include <algorithm>

#include "store/api_keys.hpp"
#include "store/attempts.hpp"
#include "store/credentials.hpp"
#include "store/events.hpp"
#include "store/idempotency_keys.hpp"
#include "store/link_lists.hpp"
#include "store/link_metadata.hpp"
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
      [&](sql::Transaction& tx) { return Attempts(tx).facts_of_link(link.organization, link.id); });
  ASSERT_EQ(facts->size(), 3U);
  for (const AttemptFacts& fact : *facts) EXPECT_FALSE(is_final(fact.state));
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
    EXPECT_TRUE(TRY(Attempts(tx).facts_of_link(other, link.id)).empty());
    EXPECT_FALSE(TRY(MoneyMovements(tx).has_capture(other, attempt.id)));
    EXPECT_FALSE(TRY(MoneyMovements(tx).capture_totals(other, attempt.id)).has_value());
    EXPECT_FALSE(TRY(MoneyMovements(tx).surplus_refund(other, attempt.id)).has_value());
    EXPECT_EQ(TRY(MoneyMovements(tx).list_refunds(other, attempt.id, {})).total, 0);
    TRY(MoneyMovements(tx).insert_chargeback(fixture.chargeback_of(attempt)));
    EXPECT_TRUE(TRY(MoneyMovements(tx).find_chargeback(fixture.ours.id, attempt.id, "chb_1")).has_value());
    EXPECT_FALSE(TRY(MoneyMovements(tx).find_chargeback(other, attempt.id, "chb_1")).has_value());
    EXPECT_EQ(TRY(MoneyMovements(tx).list_chargebacks(other, attempt.id, {})).total, 0);
    EXPECT_EQ(TRY(MoneyMovements(tx).charged_back_minor(other, attempt.id)), 0);

    PaymentLink stolen = link;
    stolen.organization = other;
    stolen.status = LinkStatus::canceled;
    TRY(PaymentLinks(tx).update_status(stolen));
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

// All ids of a list, walked by its places; between two steps something else may happen.
std::vector<PaymentLinkId> walk_all(
    Database& database, OrganizationId organization, const LinkFilter& filter, std::int64_t size,
    const std::function<void()>& between = [] {}) {
  std::vector<PaymentLinkId> ids;
  std::optional<LinkPlace> after;
  for (bool more = true; more && ids.size() < 1'000;) {
    const auto walked =
        database.write([&](sql::Transaction& tx) { return LinkLists(tx).walk(organization, filter, after, size); });
    if (!walked || static_cast<std::int64_t>(walked->entries.size()) > size) return {};
    for (const PaymentLink& link : walked->entries) ids.push_back(link.id);
    more = walked->has_more;
    if (more) after = place_of(walked->entries.back(), filter.order);
    between();
  }
  return ids;
}

// Random links, statuses, times and pages against the same list made by hand.
TEST(LinkLists, AreWhatSortingAllOfThemGives) {
  Fixture fixture;
  Database& database = fixture.database;
  std::vector<PaymentLink> links;
  const auto below = [&](unsigned bound) { return static_cast<unsigned>(database.random.bytes<1>()[0]) % bound; };
  for (int i = 0; i < 120; ++i) {
    database.clock.advance(1s);
    PaymentLink link = testing::make_link(database, below(8) == 0 ? fixture.theirs.id : fixture.ours.id);
    link.status = link_status_names.rows[below(5)].first;
    link.amount = testing::euros(100 + below(5));  // many are equal
    link.expiration_date = database.clock.now() + std::chrono::hours(below(4));
    link.expires_effective_at = link.expiration_date;
    if (below(6) == 0) link.expires_effective_at.reset();
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(link); }));
    links.push_back(std::move(link));
  }
  for (const auto later : {0min, 70min, 200min}) {
    database.clock.advance(later);  // and nobody sweeps: what is stored lags
    const Time now = database.clock.now();
    for (int round = 0; round < 200; ++round) {
      LinkFilter filter;
      for (const auto& row : link_status_names.rows)
        if (below(3) == 0) filter.statuses.push_back(row.first);
      filter.order = static_cast<LinkOrder>(below(3));
      filter.direction = below(2) == 0 ? Direction::ascending : Direction::descending;
      const Page page{1 + below(6), 1 + below(30)};
      std::vector<PaymentLink> expected;
      for (const PaymentLink& link : links)
        if (link.organization == fixture.ours.id &&
            (filter.statuses.empty() || std::ranges::count(filter.statuses, link.status_at(now)) > 0))
          expected.push_back(link);
      std::ranges::sort(expected, [&](const PaymentLink& left, const PaymentLink& right) {
        const auto key = [&](const PaymentLink& link) {
          const std::int64_t first = filter.order == LinkOrder::amount ? link.amount.minor_units()
                                     : filter.order == LinkOrder::expiration_date
                                         ? to_microseconds(link.expiration_date)
                                         : 0;
          return std::pair(first, link.id);
        };
        return filter.direction == Direction::ascending ? key(left) < key(right) : key(right) < key(left);
      });
      const auto listed =
          database.write([&](sql::Transaction& tx) { return LinkLists(tx).list(fixture.ours.id, filter, page); });
      ASSERT_TRUE(listed.has_value());
      ASSERT_EQ(listed->total, static_cast<std::int64_t>(expected.size()));
      std::vector<PaymentLinkId> ids, wanted;
      for (const PaymentLink& link : listed->entries) ids.push_back(link.id);
      for (std::size_t i = 0; i < expected.size(); ++i)
        if (static_cast<std::int64_t>(i) / page.size == page.number - 1) wanted.push_back(expected[i].id);
      ASSERT_EQ(ids, wanted);
      wanted.clear();
      for (const PaymentLink& link : expected) wanted.push_back(link.id);
      ASSERT_EQ(walk_all(database, fixture.ours.id, filter, page.size), wanted);
    }
  }
}

TEST(LinkLists, AreWalkedOnceWhileLinksAreMade) {
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
    for (const auto direction : {Direction::ascending, Direction::descending}) {
      Fixture fixture;
      Database& database = fixture.database;
      std::set<PaymentLinkId> before;
      const auto add = [&](int i) {
        database.clock.advance(1s);
        PaymentLink link = testing::make_link(database, fixture.ours.id);
        link.amount = testing::euros(100 + i % 3);
        EXPECT_TRUE(database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(link); }));
        return link.id;
      };
      for (int i = 0; i < 20; ++i) before.insert(add(i));
      int made = 0;
      const auto ids = walk_all(database, fixture.ours.id, {{}, order, direction}, 3, [&] { add(made++); });
      EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size());  // none twice
      for (const PaymentLinkId& id : before) EXPECT_EQ(std::ranges::count(ids, id), 1);
    }
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

// Every filter of metadata, status and order against what a plain loop over all links says.
TEST(LinkMetadataTest, FindsLinksByWhatIsKeptWithThem) {
  Database database;
  const auto ours = testing::add_organization(database, "ours"), theirs = testing::add_organization(database, "theirs");
  struct Row {
    PaymentLink link;
    Metadata metadata;
  };
  std::vector<Row> rows;
  const auto add = [&](const Organization& organization, Metadata metadata, std::int64_t cents, LinkStatus status,
                       std::chrono::seconds lifetime) {
    database.clock.advance(std::chrono::milliseconds(5));
    Row row{testing::make_link(database, organization.id), std::move(metadata)};
    row.link.amount = testing::euros(cents);
    row.link.status = status;
    row.link.expiration_date = *(row.link.expires_effective_at = database.clock.now() + lifetime);
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
      TRY(PaymentLinks(tx).insert(row.link));
      return LinkMetadata(tx).insert(row.link, row.metadata);
    }));
    if (organization.id == ours.id) rows.push_back(std::move(row));
  };
  for (int i = 0; i < 24; ++i)
    add(ours, {{"order", "A-" + std::to_string(i % 3)}, {"shop", i % 2 == 0 ? "north" : ""}}, 100 + i % 5 * 10,
        i % 7 == 0 ? LinkStatus::paid : LinkStatus::open, std::chrono::hours(1 + i * 5 % 24));
  add(theirs, {{"order", "A-1"}, {"shop", "north"}}, 100, LinkStatus::open, std::chrono::hours(1));
  database.clock.advance(std::chrono::hours(10));  // some are late
  const std::vector<Metadata> filters = {{{"order", "A-1"}},
                                         {{"shop", ""}},
                                         {{"order", "A-1"}, {"shop", "north"}},
                                         {{"shop", "north"}, {"order", "A-2"}, {"none", "x"}},
                                         {{"order", "A-9"}},
                                         {{"ORDER", "A-1"}}};
  const std::vector<std::vector<LinkStatus>> statuses = {
      {}, {LinkStatus::open}, {LinkStatus::expired}, {LinkStatus::open, LinkStatus::paid}};
  for (const Metadata& wanted : filters)
    for (const auto& states : statuses)
      for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
        for (const auto direction : {Direction::ascending, Direction::descending}) {
          std::vector<const PaymentLink*> expected;
          for (const Row& row : rows) {
            const auto has = [&](const MetadataPair& pair) {
              return std::ranges::any_of(row.metadata, [&](const MetadataPair& own) {
                return own.name == pair.name && own.value == pair.value;
              });
            };
            const auto status = row.link.status_at(database.clock.now());
            if (std::ranges::all_of(wanted, has) && (states.empty() || std::ranges::count(states, status) > 0))
              expected.push_back(&row.link);
          }
          std::ranges::sort(expected, [&](const PaymentLink* left, const PaymentLink* right) {
            const auto key = [&](const PaymentLink& link) {
              const std::int64_t first = order == LinkOrder::amount            ? link.amount.minor_units()
                                         : order == LinkOrder::expiration_date ? to_microseconds(link.expiration_date)
                                                                               : 0;
              return std::pair(first, link.id.uuid());
            };
            return direction == Direction::ascending ? key(*left) < key(*right) : key(*right) < key(*left);
          });
          const Page page{2, 3};
          const auto listed = database.write([&](sql::Transaction& tx) {
            return LinkLists(tx).list(ours.id, {states, order, direction, wanted}, page);
          });
          ASSERT_TRUE(listed);
          EXPECT_EQ(listed->total, static_cast<std::int64_t>(expected.size()));
          ASSERT_EQ(listed->entries.size(), std::min<std::size_t>(3, std::max<std::size_t>(expected.size(), 3) - 3));
          for (std::size_t i = 0; i < listed->entries.size(); ++i)
            EXPECT_EQ(listed->entries[i].id, expected[i + 3]->id);
          std::vector<PaymentLinkId> all;
          for (const PaymentLink* const link : expected) all.push_back(link->id);
          EXPECT_EQ(walk_all(database, ours.id, {states, order, direction, wanted}, 2), all);
        }
}

}  // namespace
}  // namespace paylink::store
