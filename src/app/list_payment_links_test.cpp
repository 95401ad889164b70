#include "app/list_payment_links.hpp"

#include <gtest/gtest.h>

#include <map>

#include "app/testing.hpp"
#include "store/payment_links.hpp"
#include "store/testing.hpp"

namespace paylink::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Database;

class ListLinksTest : public ::testing::Test {
 protected:
  PaymentLink add(int amount) {
    database.clock.advance(1s);
    PaymentLink link = store::testing::make_link(database, organization.id);
    link.amount = store::testing::euros(amount);
    EXPECT_TRUE(database.write([&](sql::Transaction& tx) { return store::PaymentLinks(tx).insert(link); }));
    return link;
  }
  void pay(PaymentLink& link) {
    const LinkStatus before = std::exchange(link.status, LinkStatus::paid);
    EXPECT_TRUE(database.write([&](sql::Transaction& tx) {
      return store::PaymentLinks(tx).update_status(link, {before, link.expires_effective_at});
    }));
  }
  ListedLinks read(const LinkFilter& filter, Page page, const Caller& who) {
    const ListPaymentLinks command{filter, page};
    return *database.write(who.organization, [&](sql::Transaction& tx) { return list(command, who, tx); });
  }

  Database database;
  Organization organization = store::testing::add_organization(database, "shop");
  Caller caller{organization.id, Uuid::v4(database.random), {}};
  PageEnds ends;
  crypto::KeyRing keys = crypto::KeyRing::of_master(Secret(std::string(32, 'k')));
  testing::TestLane lane{database};
  store::LinkMarks marks;
  LinkFollower follower{marks, lane};
  ListLinks list{keys, ends, follower};
};

// Page after page, while links are made, paid and taken out of the filter: whoever stays in it is seen exactly once,
// and nobody is told too early that there are no more.
TEST_F(ListLinksTest, GoOnWhereThePageBeforeEnded) {
  for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
    for (const auto direction : {Direction::ascending, Direction::descending})
      for (const auto& statuses : {std::vector<LinkStatus>(), std::vector{LinkStatus::open},
                                   std::vector{LinkStatus::open, LinkStatus::paid}}) {
        std::vector<PaymentLink> before;
        for (int i = 0; i < 24; ++i) before.push_back(add(100 + i % 5));
        const LinkFilter filter{statuses, order, direction};
        std::map<PaymentLinkId, int> seen;
        std::map<PaymentLinkId, bool> may_be_missed;
        bool goes_on = true;
        for (Page page{1, 5}; goes_on && page.number < 1'000; ++page.number) {
          const auto read_page = read(filter, page, caller).links;
          for (const PaymentLink& link : read_page.entries) ++seen[link.id];
          goes_on = read_page.has_more.value_or(page.number * page.size < read_page.total);  // as next_page says
          add(100 + static_cast<int>(page.number) % 7);
          for (auto i = static_cast<std::size_t>(page.number % 3); i < before.size(); i += 9) {
            if (before[i].status == LinkStatus::paid) continue;
            pay(before[i]);
            may_be_missed[before[i].id] = statuses.size() == 1 && !seen.contains(before[i].id);
          }
        }
        for (const PaymentLink& link : before) EXPECT_EQ(seen[link.id], may_be_missed[link.id] ? 0 : 1);
        for (const auto& [id, times] : seen) EXPECT_LE(times, 1);
        for (PaymentLink& link : before)
          if (link.status == LinkStatus::open) pay(link);
      }
}

// Else a page would show where it began some time ago, with other links before it than those that are there now.
TEST_F(ListLinksTest, AreLookedForByNumberUnlessTheyAreRead) {
  std::vector<PaymentLinkId> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(add(100).id);
  const Caller other{organization.id, Uuid::v4(database.random), {}};
  const auto first_of = [&](std::int64_t number, const Caller& who, std::int64_t size = 2) {
    return read({}, {number, size}, who).links.entries.front().id;
  };
  for (const std::int64_t number : {1, 2, 3}) read({}, {number, 2}, caller);
  ids.push_back(add(100).id);
  EXPECT_EQ(first_of(4, caller), ids[5]);  // goes on, and once more
  EXPECT_EQ(first_of(4, caller), ids[5]);
  EXPECT_EQ(first_of(4, other), ids[6]);      // another reader
  EXPECT_EQ(first_of(2, caller, 3), ids[9]);  // pages of another size
  EXPECT_EQ(first_of(3, caller), ids[8]);     // back
  EXPECT_EQ(first_of(1, caller), ids[12]);    // from the start
  EXPECT_EQ(first_of(3, caller), ids[8]);     // with a jump
  read({}, {1, 2}, caller);
  ids.push_back(add(100).id);
  database.clock.advance(2min);
  EXPECT_EQ(first_of(2, caller), ids[11]);  // too late
}

}  // namespace
}  // namespace paylink::app
