#include "store/link_lists.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "store/link_counts.hpp"
#include "store/link_metadata.hpp"
#include "store/payment_links.hpp"
#include "store/testing.hpp"
#include "store/testing_fixture.hpp"

namespace paylink::store {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using testing::Fixture;

unsigned number(Random& random) {
  const auto bytes = random.bytes<2>();
  return static_cast<unsigned>(bytes[0]) * 256U + static_cast<unsigned>(bytes[1]);
}

// The same list made by hand.
std::vector<PaymentLink> sorted(std::vector<PaymentLink> links, const LinkFilter& filter, Time now) {
  std::erase_if(links, [&](const PaymentLink& link) {
    return !filter.statuses.empty() && std::ranges::count(filter.statuses, link.status_at(now)) == 0;
  });
  const auto key = [&](const PaymentLink& link) {
    const LinkPlace place = place_of(link, filter.order);
    return std::pair(place.key, place.id);
  };
  std::ranges::sort(links, {}, key);
  if (filter.direction == Direction::descending) std::ranges::reverse(links);
  return links;
}

// All ids of a list, walked by its places; between two steps something else may happen.
std::vector<PaymentLinkId> walk_all(
    Database& database, OrganizationId organization, const LinkFilter& filter, std::int64_t size,
    const std::function<void()>& between = [] {}) {
  std::vector<PaymentLinkId> ids;
  std::optional<LinkPlace> after;
  for (bool more = true; more && ids.size() < 10'000;) {
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
      std::vector<PaymentLink> our_links = links;
      std::erase_if(our_links, [&](const PaymentLink& link) { return link.organization != fixture.ours.id; });
      const std::vector<PaymentLink> expected = sorted(our_links, filter, now);
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

// Open links of which hardly any, nearly all, or all but some that are held open are late: each of the ways in which
// these are told apart.
TEST(LinkLists, TellLateLinksFromOpenOnesHoweverManyThereAre) {
  Fixture fixture;
  Database& database = fixture.database;
  std::vector<PaymentLink> links;
  const Time begun = database.clock.now();
  for (unsigned i = 0; i < 2'400; ++i) {
    PaymentLink link = testing::make_link(database, fixture.ours.id);
    link.amount = testing::euros(100 + number(database.random) % 50);
    link.expiration_date = begun + (i % 24 == 0 ? 1h : i % 40 == 1 ? 30h : 10h) + std::chrono::seconds(i % 7);
    link.expires_effective_at = link.expiration_date;
    if (i % 100 == 7) link.expires_effective_at.reset();
    if (i % 50 == 3) link.status = link_status_names.rows[number(database.random) % 5].first;
    links.push_back(std::move(link));
  }
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    for (const PaymentLink& link : links) TRY(PaymentLinks(tx).insert(link));
    return {};
  }));
  const std::vector<LinkStatus> filters[] = {{LinkStatus::open},
                                             {LinkStatus::expired},
                                             {LinkStatus::open, LinkStatus::paid},
                                             {LinkStatus::canceled, LinkStatus::expired},
                                             {LinkStatus::open, LinkStatus::expired},
                                             {LinkStatus::paid}};
  for (const auto later : {0h, 2h, 10h, 30h}) {
    database.clock.advance(later);
    for (const auto& statuses : filters)
      for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
        for (const auto direction : {Direction::ascending, Direction::descending}) {
          const LinkFilter filter{statuses, order, direction, {}};
          const auto expected = sorted(links, filter, database.clock.now());
          std::vector<PaymentLinkId> wanted;
          for (const PaymentLink& link : expected) wanted.push_back(link.id);
          ASSERT_EQ(walk_all(database, fixture.ours.id, filter, 999), wanted);
          const auto pages = (static_cast<std::int64_t>(wanted.size()) + 99) / 100;
          const Page page{1 + static_cast<std::int64_t>(number(database.random)) % std::max<std::int64_t>(pages, 1),
                          100};
          const auto listed =
              database.write([&](sql::Transaction& tx) { return LinkLists(tx).list(fixture.ours.id, filter, page); });
          ASSERT_TRUE(listed);
          ASSERT_EQ(listed->total, static_cast<std::int64_t>(wanted.size()));
          const auto left = static_cast<std::int64_t>(wanted.size()) - page.offset();
          ASSERT_EQ(static_cast<std::int64_t>(listed->entries.size()), std::clamp<std::int64_t>(left, 0, page.size));
          for (std::size_t i = 0; i < listed->entries.size(); ++i)
            ASSERT_EQ(listed->entries[i].id, wanted[static_cast<std::size_t>(page.offset()) + i]);
        }
  }
}

// A list whose ranges are anything but evenly mixed.
class FarPages : public ::testing::Test {
 protected:
  static constexpr unsigned made = 3'000;

  void SetUp() override {
    for (unsigned i = 0; i < made; ++i) {
      database.clock.advance(1s);
      // Old ones are paid or expired, few are anything else, and one status has them all together.
      const unsigned old = below(made);
      const LinkStatus status = i > 1'000 && i < 1'400 ? LinkStatus::canceled
                                : old > i              ? (below(3) == 0 ? LinkStatus::expired : LinkStatus::paid)
                                : below(50) == 0       ? LinkStatus::processing
                                                       : LinkStatus::open;
      links.push_back(make(status));
    }
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
      for (const PaymentLink& link : links) TRY(PaymentLinks(tx).insert(link));
      return {};
    }));
  }

  unsigned below(unsigned bound) { return number(database.random) % bound; }
  PaymentLink make(LinkStatus status) {
    PaymentLink link = testing::make_link(database, fixture.ours.id);
    link.status = status;
    link.amount = testing::euros(1 + below(10) * below(10));
    link.expiration_date = database.clock.now() + std::chrono::hours(1 + below(100));
    link.expires_effective_at = link.expiration_date;
    return link;
  }
  // Some are made, some paid, in one transaction.
  void change() {
    const std::size_t first = links.size();
    std::vector<std::pair<PaymentLink*, PaymentLinks::Stored>> changed;
    for (unsigned i = below(5); i > 0; --i) links.push_back(make(LinkStatus::open));
    for (unsigned i = below(5); i > 0; --i) {
      PaymentLink& link = links[below(static_cast<unsigned>(first))];
      changed.emplace_back(&link, PaymentLinks::stored(link));
      link.status = LinkStatus::paid;
    }
    // As when a payment is begun, and when it fails.
    for (unsigned i = below(5); i > 0; --i) {
      PaymentLink& link = links[below(static_cast<unsigned>(first))];
      changed.emplace_back(&link, PaymentLinks::stored(link));
      link.expires_effective_at.reset();
      if (below(2) == 0) link.expires_effective_at = link.expiration_date;
    }
    ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
      for (std::size_t i = first; i < links.size(); ++i) TRY(PaymentLinks(tx).insert(links[i]));
      for (const auto& [link, before] : changed) TRY(PaymentLinks(tx).update_status(*link, before));
      return {};
    }));
  }
  // A random page is what sorting all of them gives.
  void check_page(LinkMarks* marks) {
    LinkFilter filter;
    for (const auto& row : link_status_names.rows)
      if (below(2) == 0) filter.statuses.push_back(row.first);
    filter.order = static_cast<LinkOrder>(below(3));
    filter.direction = below(2) == 0 ? Direction::ascending : Direction::descending;
    const auto expected = sorted(links, filter, database.clock.now());
    const auto count = static_cast<std::int64_t>(expected.size());
    const std::int64_t size = 1 + below(40);
    const Page page{1 + below(static_cast<unsigned>(count / size + 2)), size};
    const auto listed =
        database.write([&](sql::Transaction& tx) { return LinkLists(tx, marks).list(fixture.ours.id, filter, page); });
    ASSERT_TRUE(listed.has_value());
    ASSERT_EQ(listed->total, count);
    std::vector<PaymentLinkId> ids, wanted;
    for (const PaymentLink& link : listed->entries) ids.push_back(link.id);
    for (std::int64_t i = page.offset(); i < std::min(page.offset() + size, count); ++i)
      wanted.push_back(expected[static_cast<std::size_t>(i)].id);
    ASSERT_EQ(ids, wanted);
  }
  LinkCounts::Counts counts() {
    return *database.write([&](sql::Transaction& tx) { return LinkCounts(tx).find(fixture.ours.id); });
  }
  // They know from now on what is written.
  void follow(LinkMarks& marks) {
    const auto is_logged =
        database.write([&](sql::Transaction& tx) { return tx.follow_counts(fixture.ours.id.uuid()); });
    ASSERT_TRUE(is_logged.has_value());
    if (*is_logged) return;
    database.tell(marks);
    marks.follow(fixture.ours.id, counts());
  }
  std::optional<LinkMarks::View> view(LinkMarks& marks, MarkOrder order) {
    const auto seen = counts();
    return *database.write([&](sql::Transaction& tx) { return view_marks(marks, fixture.ours.id, order, seen, tx); });
  }

  Fixture fixture;
  Database& database = fixture.database;
  std::vector<PaymentLink> links;
};

TEST_F(FarPages, AreWhereTheyBelong) {
  for (const auto later : {0h, 20h, 60h, 200h}) {
    database.clock.advance(later);  // more and more are late then
    for (int round = 0; round < 60; ++round) check_page(nullptr);
  }
}

TEST_F(FarPages, AreFoundByMarksWhileLinksChange) {
  LinkMarks marks({.stride = 40});
  follow(marks);
  for (const auto later : {0h, 20h, 60h, 200h}) {
    database.clock.advance(later);
    for (int round = 0; round < 60; ++round) {
      check_page(&marks);
      change();
      if (HasFatalFailure()) return;
    }
  }
  // And they were there: nobody would have to count far now.
  for (const auto order : {MarkOrder::created, MarkOrder::amount, MarkOrder::expiration_date}) {
    const auto seen = view(marks, order);
    ASSERT_TRUE(seen);
    for (std::int64_t sought = 100; sought < made; sought += 100) {
      const auto count = [](const LinkMarks::Mark& mark) {
        return std::accumulate(mark.before.begin(), mark.before.end(), std::int64_t{0});
      };
      const auto gap = marks.around(*seen, [&](const LinkMarks::Mark& mark) { return count(mark) > sought; });
      ASSERT_TRUE(gap);
      EXPECT_LT(count(gap->last) - count(gap->first), made / 5) << sought;
    }
  }
  // What is late is counted from the last time on.
  const auto seen = view(marks, MarkOrder::expiry);
  ASSERT_TRUE(seen);
  const auto gap = marks.around(*seen, [](const LinkMarks::Mark&) { return false; });
  EXPECT_LE(gap->first.place.key, to_microseconds(database.clock.now()));
  EXPECT_GT(gap->first.before[static_cast<std::size_t>(LinkStatus::open)], 40);
}

// Whoever's transaction sees rows that nobody told of gets pages all the same.
TEST_F(FarPages, AreFoundWithoutMarksWhereOthersWrite) {
  LinkMarks marks({.stride = 40});
  if (!testing::is_on_postgres()) marks.follow(fixture.ours.id, counts());  // and is not told
  for (int round = 0; round < 60; ++round) {
    check_page(&marks);
    change();
    if (HasFatalFailure()) return;
  }
}

// As when a server of an old version writes beside this one: pages are wrong then, and nothing else is.
TEST(LinkLists, SurviveCountsThatAreWrong) {
  Fixture fixture;
  Database& database = fixture.database;
  const OrganizationId ours = fixture.ours.id;
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    for (int i = 0; i < 300; ++i) TRY(PaymentLinks(tx).insert(testing::make_link(database, ours)));
    return {};
  }));
  const auto add = [&](std::int64_t open, std::int64_t expired) {
    return database.write([&](sql::Transaction& tx) -> Result<> {
      const PaymentLink link = testing::make_link(database, ours);
      TRY(LinkCounts(tx).add(link, LinkStatus::open, std::nullopt, open));
      return LinkCounts(tx).add(link, LinkStatus::expired, std::nullopt, expired);
    });
  };
  for (const auto& [open, expired] :
       {std::pair(-500, 500), {-800, 500}, {500, -500}, {1'000, 0}, {-300, -5}, {0, 900}}) {
    ASSERT_TRUE(add(open, expired));
    for (const auto order : {LinkOrder::created, LinkOrder::amount})
      for (const std::int64_t number : {1, 25, 26, 50, 60, 100}) {
        const LinkFilter filter{{LinkStatus::open, LinkStatus::expired}, order};
        EXPECT_TRUE(
            database.write([&](sql::Transaction& tx) { return LinkLists(tx).list(ours, filter, {number, 10}); }));
      }
    ASSERT_TRUE(add(-open, -expired));
  }
}

TEST(LinkCounts, AreOfTheStoredStatus) {
  Fixture fixture;
  Database& database = fixture.database;
  const auto counts = [&](OrganizationId organization) {
    return database.write([&](sql::Transaction& tx) { return LinkCounts(tx).find(organization); })->links;
  };
  EXPECT_EQ(counts(fixture.ours.id), LinkCounts::ByStatus{});
  PaymentLink link = testing::add_link(database, fixture.ours.id);
  testing::add_link(database, fixture.ours.id);
  testing::add_link(database, fixture.theirs.id);
  EXPECT_EQ(counts(fixture.ours.id), (LinkCounts::ByStatus{2, 0, 0, 0, 0}));
  EXPECT_EQ(counts(fixture.theirs.id), (LinkCounts::ByStatus{1, 0, 0, 0, 0}));
  link.status = LinkStatus::paid;
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(PaymentLinks(tx).update_status(link, {LinkStatus::open, link.expires_effective_at}));
    return PaymentLinks(tx).update_status(link, PaymentLinks::stored(link));  // nothing new
  }));
  EXPECT_EQ(counts(fixture.ours.id), (LinkCounts::ByStatus{1, 0, 0, 1, 0}));
  ASSERT_FALSE(database.write([&](sql::Transaction& tx) -> Result<> {
    TRY(PaymentLinks(tx).insert(testing::make_link(database, fixture.ours.id)));
    return fail(ErrorCode::conflict, "not_now", "");
  }));
  EXPECT_EQ(counts(fixture.ours.id), (LinkCounts::ByStatus{1, 0, 0, 1, 0}));
  database.clock.advance(std::chrono::years(2));
  ASSERT_TRUE(database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).expire_due(10); }));
  EXPECT_EQ(counts(fixture.ours.id), (LinkCounts::ByStatus{0, 1, 0, 1, 0}));
  EXPECT_EQ(counts(fixture.theirs.id), (LinkCounts::ByStatus{0, 1, 0, 0, 0}));
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
