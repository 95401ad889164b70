#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "app/link_follower.hpp"
#include "base/testing.hpp"
#include "runtime/sqlite_lane.hpp"
#include "runtime/testing.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "store/link_lists.hpp"
#include "store/migrations.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

namespace paylink::runtime {
namespace {

using testing::TestWork;

constexpr std::int64_t links_before = 3'000;
const int pages = std::getenv("N") == nullptr ? 300 : std::atoi(std::getenv("N"));  // that each of two readers reads

// A shop with many links on a lane, whose commits are told to marks in its lists.
class CountedCommits : public ::testing::Test {
 protected:
  void SetUp() override {
    auto connection = sql::sqlite::Connection::open(path, sql::sqlite::Mode::write);
    ASSERT_TRUE(connection);
    sql::sqlite::SqliteMigrationTarget target(**connection);
    ASSERT_TRUE(sql::migrate(target, store::migrations(), clock.now()));
    SqliteLaneOptions options{.path = path, .listener = &marks};
    lane = *SqliteLane::create(std::move(options), clock, random, [](const Error&) { std::abort(); });
    ASSERT_EQ(write([&](sql::Transaction& tx) -> Result<> {
                TRY(store::Organizations(tx).insert(shop));
                for (std::int64_t i = 0; i < links_before; ++i) TRY(store::PaymentLinks(tx).insert(make_link(i)));
                return {};
              }),
              "");
  }

  PaymentLink make_link(std::int64_t number) {
    const Time now = clock.now();
    return PaymentLink{.organization = shop.id,
                       .id = PaymentLinkId::create(now, random),
                       .resource_id = Uuid::v4(random),
                       .amount = *Money::of_minor(100 + number % 7, *Currency::parse("EUR")),
                       .methods = {PaymentMethod::credit_card},
                       .reusable = Reusable::no,
                       .subject = Basket{"[]"},
                       .expiration_date = now + std::chrono::hours(1 + number % 50),
                       .expires_effective_at = {},
                       .canceled_at = {},
                       .created_at = now,
                       .updated_at = now};
  }
  std::string write(TestWork::Step step) {
    TestWork work(std::move(step));
    lane->submit_write(work);
    return work.reason();
  }
  // Makes links and pays some of them, again and again; now and then it is all taken back.
  void keep_shop(unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<PaymentLink> open;
    while (!is_over) {
      const PaymentLink made = make_link(static_cast<std::int64_t>(dice() % 100));
      const bool pays = !open.empty() && dice() % 2 == 0, fails = dice() % 10 == 0;
      const std::string reason = write([&](sql::Transaction& tx) -> Result<> {
        TRY(store::PaymentLinks(tx).insert(made));
        if (pays) {
          PaymentLink paid = open.back();
          paid.status = LinkStatus::paid;
          TRY(store::PaymentLinks(tx).update_status(paid, LinkStatus::open));
        }
        if (fails) return fail(ErrorCode::conflict, "not_now", "");
        return {};
      });
      EXPECT_EQ(reason, fails ? "not_now" : "");
      if (fails) continue;
      if (pays) open.pop_back();
      open.push_back(made);
    }
  }
  // Random pages of random lists, found by marks and by counting, on one snapshot. How often there were marks.
  int compare_pages(unsigned seed) {
    std::mt19937 dice(seed);
    int with_marks = 0;
    // On a busy machine many are read between a commit and its telling.
    for (int i = 0; i < pages || (with_marks < 20 && i < 50 * pages); ++i) {
      LinkFilter filter;
      for (const auto& row : link_status_names.rows)
        if (dice() % 2 == 0) filter.statuses.push_back(row.first);
      filter.order = static_cast<LinkOrder>(dice() % 3);
      filter.direction = dice() % 2 == 0 ? Direction::ascending : Direction::descending;
      const Page page{1 + static_cast<std::int64_t>(dice() % 200), 15};
      TestWork work([&](sql::Transaction& tx) -> Result<> {
        const auto counts = TRY(store::LinkCounts(tx).find(shop.id));
        with_marks += marks.view(shop.id, filter.order, counts) ? 1 : 0;
        const auto counted = TRY(store::LinkLists(tx).list(shop.id, filter, page));
        const auto marked = TRY(store::LinkLists(tx, &marks).list(shop.id, filter, page));
        EXPECT_TRUE(std::ranges::equal(counted.entries, marked.entries, {}, &PaymentLink::id, &PaymentLink::id));
        return {};
      });
      lane->submit_slow_read(work);
      EXPECT_EQ(work.reason(), "");
    }
    return with_marks;
  }

  SystemClock clock;
  SystemRandom random;
  TemporaryDirectory directory{random};
  std::string path = directory.file("lane.db");
  Organization shop{OrganizationId::create(clock.now(), random), "shop", "Shop"};
  store::LinkMarks marks{{.stride = 64}};
  std::unique_ptr<SqliteLane> lane;
  std::atomic<bool> is_over{false};
};

TEST_F(CountedCommits, LeaveMarksRightForEverySnapshot) {
  app::LinkFollower follower(marks, *lane);
  std::vector<std::thread> writers;
  for (unsigned i = 0; i < 3; ++i) writers.emplace_back([this, i] { keep_shop(i); });
  follower.note_page(shop.id, links_before / 2, links_before);
  ASSERT_EQ(write([](sql::Transaction&) { return Result<>(); }), "");  // it is followed by then
  std::atomic<int> with_marks = 0;
  std::vector<std::thread> readers;
  for (unsigned i = 0; i < 2; ++i) readers.emplace_back([&, i] { with_marks += compare_pages(100 + i); });
  for (std::thread& reader : readers) reader.join();
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GE(with_marks, 40);
  RecordProperty("pages_by_marks", with_marks);
}

// Near pages, and whoever cannot be told, are left alone.
TEST_F(CountedCommits, AreFollowedOnceAPageIsFar) {
  app::LinkFollower follower(marks, *lane);
  const auto is_followed = [&] {
    bool found = false;
    EXPECT_EQ(write([&](sql::Transaction& tx) -> Result<> {
                const auto counts = TRY(store::LinkCounts(tx).find(shop.id));
                found = marks.view(shop.id, LinkOrder::created, counts).has_value();
                return {};
              }),
              "");
    return found;
  };
  follower.note_page(shop.id, 30, links_before);
  follower.note_page(shop.id, links_before - 30, links_before);
  EXPECT_FALSE(is_followed());
  follower.note_page(shop.id, links_before / 2, links_before);
  EXPECT_TRUE(is_followed());
}

}  // namespace
}  // namespace paylink::runtime
