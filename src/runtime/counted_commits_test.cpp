#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <random>
#include <thread>

#include "app/link_follower.hpp"
#include "base/testing.hpp"
#include "runtime/postgres_lane.hpp"
#include "runtime/sqlite_lane.hpp"
#include "runtime/testing.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
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

// A shop with many links on a lane, and marks in its lists.
class CountedCommits : public ::testing::Test {
 protected:
  void fill() {
    ASSERT_EQ(write([&](sql::Transaction& tx) -> Result<> {
                TRY(store::Organizations(tx).insert(shop));
                for (std::int64_t i = 0; i < links_before; ++i) TRY(store::PaymentLinks(tx).insert(make_link(i)));
                return {};
              }),
              "");
  }

  // Some are late soon.
  static std::optional<Time> expires_at(Time now, std::int64_t number) {
    if (number % 3 == 0) return std::nullopt;
    return now + (number % 3 == 1 ? std::chrono::milliseconds(number % 100) : std::chrono::hours(1));
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
                       .expires_effective_at = expires_at(now, number),
                       .canceled_at = {},
                       .created_at = now,
                       .updated_at = now};
  }
  std::string write(TestWork::Step step) { return write(*lane, std::move(step)); }
  static std::string write(app::Lane& where, TestWork::Step step) {
    TestWork work(std::move(step), sql::Tenant::everybody());
    where.submit_write(work);
    return work.reason();
  }
  // For what a transaction sees, as LinkLists has it.
  Result<std::optional<store::LinkMarks::View>> view(LinkOrder order, sql::Transaction& tx) {
    const auto counts = TRY(store::LinkCounts(tx).find(shop.id));
    return store::view_marks(marks, shop.id, store::mark_order(order), counts, tx);
  }
  // Makes links and pays some of them, again and again; now and then it is all taken back.
  void keep_shop(app::Lane& where, unsigned seed) {
    std::mt19937 dice(seed);
    std::vector<PaymentLink> open;
    while (!is_over) {
      // Readers have their turn, too: the log holds 4,096 commits between two of them.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const PaymentLink made = make_link(static_cast<std::int64_t>(dice() % 100));
      const bool pays = !open.empty() && dice() % 2 == 0, fails = dice() % 10 == 0;
      const std::string reason = write(where, [&](sql::Transaction& tx) -> Result<> {
        TRY(store::PaymentLinks(tx).insert(made));
        if (pays) {
          PaymentLink paid = open.back();
          paid.status = LinkStatus::paid;
          paid.expires_effective_at.reset();
          TRY(store::PaymentLinks(tx).update_status(paid, store::PaymentLinks::stored(open.back())));
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
  void read_page(Page page) {
    TestWork work(
        [&](sql::Transaction& tx) -> Result<> {
          TRY(store::LinkLists(tx, &marks).list(shop.id, {}, page));
          return {};
        },
        sql::Tenant::everybody());
    lane->submit_slow_read(work);
    EXPECT_EQ(work.reason(), "");
  }
  void read_near() {
    read_page({2, 30});
    read_page({links_before / 30 - 1, 30});
  }
  void read_far() { read_page({links_before / 60, 30}); }
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
      const auto compare = [&](sql::Transaction& tx) -> Result<> {
        const auto seen = TRY(view(filter.order, tx));
        with_marks += seen ? 1 : 0;
        const auto counted = TRY(store::LinkLists(tx).list(shop.id, filter, page));
        const auto marked = TRY(store::LinkLists(tx, &marks).list(shop.id, filter, page));
        EXPECT_EQ(counted.total, marked.total);
        EXPECT_TRUE(std::ranges::equal(counted.entries, marked.entries, {}, &PaymentLink::id, &PaymentLink::id));
        return {};
      };
      TestWork work(compare, sql::Tenant::everybody());
      lane->submit_slow_read(work);
      EXPECT_EQ(work.reason(), "");
    }
    return with_marks;
  }
  // While these write to it, each twice. How often there were marks.
  int compare_pages_while(const std::vector<app::Lane*>& lanes) {
    std::vector<std::thread> writers, readers;
    for (unsigned i = 0; i < 2 * lanes.size(); ++i)
      writers.emplace_back([this, &lanes, i] { keep_shop(*lanes[i % lanes.size()], i); });
    std::atomic<int> with_marks = 0;
    for (unsigned i = 0; i < 2; ++i) readers.emplace_back([&, i] { with_marks += compare_pages(100 + i); });
    for (std::thread& reader : readers) reader.join();
    is_over = true;
    for (std::thread& writer : writers) writer.join();
    RecordProperty("pages_by_marks", with_marks);
    return with_marks;
  }

  SystemClock clock;
  SystemRandom random;
  Organization shop{OrganizationId::create(clock.now(), random), "shop", "Shop"};
  store::LinkMarks marks{{.stride = 64}};
  std::unique_ptr<app::Lane> lane;
  std::atomic<bool> is_over{false};
};

// Which are told to the marks.
class SqliteCountedCommits : public CountedCommits {
 protected:
  void SetUp() override {
    auto connection = sql::sqlite::Connection::open(path, sql::sqlite::Mode::write);
    ASSERT_TRUE(connection);
    sql::sqlite::SqliteMigrationTarget target(**connection);
    ASSERT_TRUE(sql::migrate(target, store::migrations(), clock.now()));
    SqliteLaneOptions options{.path = path, .listener = &marks};
    lane = *SqliteLane::create(std::move(options), clock, random, [](const Error&) { std::abort(); });
    fill();
  }
  // Before what it reads with ends.
  void TearDown() override { lane.reset(); }

  TemporaryDirectory directory{random};
  std::string path = directory.file("lane.db");
};

// Which are logged.
class PostgresCountedCommits : public CountedCommits {
 protected:
  void SetUp() override {
    NEEDS_SERVER();
    schema = std::make_unique<sql::postgres::testing::Schema>();
    {
      const auto connection = sql::postgres::testing::connect(schema->url());
      sql::postgres::PostgresMigrationTarget target(*connection);
      ASSERT_TRUE(sql::migrate(target, store::migrations(), clock.now()));
    }
    lane = make_lane();
    fill();
    // As autovacuum does a minute later.
    ASSERT_TRUE(sql::postgres::testing::connect(schema->url())->execute_script("ANALYZE payment_links"));
  }
  void TearDown() override { lane.reset(); }

  std::unique_ptr<app::Lane> make_lane() {
    return std::make_unique<PostgresLane>(
        PostgresLaneOptions{.url = schema->url(), .batch_max = 4, .writers = 2, .readers = 4}, clock, random);
  }
  void follow() {
    EXPECT_EQ(write([&](sql::Transaction& tx) -> Result<> {
                const bool is_logged = TRY(tx.follow_counts(shop.id.uuid()));
                EXPECT_TRUE(is_logged);
                return {};
              }),
              "");
    marks.follow_log(shop.id);
  }

  std::unique_ptr<sql::postgres::testing::Schema> schema;
};

TEST_F(SqliteCountedCommits, LeaveMarksRightForEverySnapshot) {
  app::LinkFollower follower(marks, *lane);
  read_far();
  follower.note_list(shop.id);
  ASSERT_EQ(write([](sql::Transaction&) { return Result<>(); }), "");  // it is followed by then
  EXPECT_GE(compare_pages_while({lane.get()}), 40);
}

// Two nodes write, one of them reads.
TEST_F(PostgresCountedCommits, LeaveMarksRightForEverySnapshot) {
  if (IsSkipped()) return;
  const auto other = make_lane();
  follow();
  // Hardly any reader gets none.
  EXPECT_GE(compare_pages_while({lane.get(), other.get()}), 2 * pages * 9 / 10);
  // And marks have stayed: nobody has begun anew.
  const auto count = [](const store::LinkMarks::Mark& mark) {
    return std::accumulate(mark.before.begin(), mark.before.end(), std::int64_t{0});
  };
  const auto look = [&](sql::Transaction& tx) -> Result<> {
    const auto seen = TRY(view(LinkOrder::created, tx));
    for (std::int64_t sought = 300; seen && sought < links_before; sought += 300) {
      const auto gap = marks.around(*seen, [&](const store::LinkMarks::Mark& mark) { return count(mark) > sought; });
      EXPECT_LT(count(gap->last) - count(gap->first), links_before / 4) << sought;
    }
    return {};
  };
  TestWork work(look, sql::Tenant::everybody());
  lane->submit_slow_read(work);
  EXPECT_EQ(work.reason(), "");
}

// As while a node of an old version runs: whoever reads begins anew.
TEST_F(PostgresCountedCommits, AreRightWhereSomebodyDoesNotLog) {
  if (IsSkipped()) return;
  compare_pages_while({lane.get()});
}

// Near pages are left alone.
TEST_F(SqliteCountedCommits, AreFollowedOnceAPageIsFar) {
  app::LinkFollower follower(marks, *lane);
  const auto is_followed = [&] {
    bool found = false;
    EXPECT_EQ(write([&](sql::Transaction& tx) -> Result<> {
                const auto seen = TRY(view(LinkOrder::created, tx));
                found = seen.has_value();
                return {};
              }),
              "");
    return found;
  };
  read_near();
  follower.note_list(shop.id);
  EXPECT_FALSE(is_followed());
  EXPECT_TRUE(marks.wants(shop.id));  // by whom has just looked
  marks.give_up(shop.id);
  read_far();
  follower.note_list(shop.id);
  EXPECT_TRUE(is_followed());
}

TEST_F(PostgresCountedCommits, AreLoggedOnceAPageIsFar) {
  if (IsSkipped()) return;
  app::LinkFollower follower(marks, *lane);
  const auto count_followers = [&] {
    std::int64_t count = -1;
    TestWork work(
        [&](sql::Transaction& tx) -> Result<> {
          const auto rows = TRY(tx.query("SELECT COUNT(*) FROM count_followers", {}));
          count = rows.front().integer(0);
          return {};
        },
        sql::Tenant::everybody());
    lane->submit_read(work);
    EXPECT_EQ(work.reason(), "");
    return count;
  };
  read_near();
  EXPECT_FALSE(marks.wants(shop.id));
  EXPECT_EQ(count_followers(), 0);
  read_far();
  follower.note_list(shop.id);
  for (int i = 0; i < 1'000 && count_followers() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(count_followers(), 1);
}

}  // namespace
}  // namespace paylink::runtime
