#include "store/link_marks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "store/link_keys.hpp"

namespace paylink::store {
namespace {

constexpr std::array orders = {MarkOrder::created, MarkOrder::amount, MarkOrder::expiration_date, MarkOrder::expiry};
constexpr auto open_links = static_cast<std::size_t>(LinkStatus::open);

OrganizationId organization(std::uint8_t number) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.back() = number;
  return OrganizationId(Uuid(bytes));
}

// What a database would hold: each version as a transaction sees it.
class Model {
 public:
  struct Link {
    sql::Entry entry;
    std::size_t status;
  };
  struct Version {
    std::vector<Link> links;
    LinkCounts::Counts counts;
  };

  explicit Model(unsigned seed) : random_(seed) { versions_.emplace_back(); }

  std::int64_t below(std::int64_t bound) { return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_); }
  const Version& now() const { return versions_.back(); }
  // So many commits ago.
  const Version& before(std::size_t commits) const { return versions_[versions_.size() - 1 - commits]; }
  std::size_t size() const { return versions_.size(); }

  // Links that are made, and links whose status changes; what was added.
  std::vector<sql::Sum> commit(std::int64_t changes) {
    Version next = now();
    std::vector<sql::Sum> added;
    const auto add = [&](const Link& link, std::int64_t links) {
      added.push_back({organization(1).uuid(), link_status_names.rows[link.status].second, "", links, link.entry});
      next.counts.links[link.status] += links;
    };
    for (std::int64_t i = 0; i < changes; ++i) {
      if (next.links.empty() || below(3) > 0) {
        std::array<std::uint8_t, 16> id{};
        for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(below(256));
        next.links.push_back({{Uuid(id), {below(9), below(40), below(20)}}, static_cast<std::size_t>(below(5))});
        add(next.links.back(), 1);
      } else {
        Link& link = next.links[static_cast<std::size_t>(below(std::ssize(next.links)))];
        add(link, -1);
        link.status = static_cast<std::size_t>(below(5));
        add(link, 1);
      }
    }
    LinkMarks::ByStatus has_changed{};
    for (const sql::Sum& sum : added) has_changed[static_cast<std::size_t>(*link_status_names.parse(sum.name))] = 1;
    for (std::size_t i = 0; i < has_changed.size(); ++i) next.counts.changes[i] += has_changed[i];
    versions_.push_back(std::move(next));
    return added;
  }

  static LinkPlace place(const Link& link, MarkOrder order) {
    const std::int64_t key = order == MarkOrder::amount            ? link.entry.keys[0]
                             : order == MarkOrder::expiration_date ? link.entry.keys[1]
                             : order == MarkOrder::expiry          ? link.entry.keys[2]
                                                                   : 0;
    return {key, PaymentLinkId(link.entry.id)};
  }
  static bool is_in(MarkOrder order, const Link& link) {
    return order != MarkOrder::expiry || link.status == open_links;
  }
  static std::int64_t count(const Version& version, MarkOrder order) {
    return std::ranges::count_if(version.links, [&](const Link& link) { return is_in(order, link); });
  }
  static LinkMarks::Mark mark(const Version& version, MarkOrder order, const LinkPlace& place) {
    LinkMarks::Mark mark{place, {}};
    for (const Link& link : version.links)
      if (is_in(order, link) && comes_before(Model::place(link, order), place)) ++mark.before[link.status];
    return mark;
  }

 private:
  std::mt19937 random_;
  std::vector<Version> versions_;
};

std::int64_t all_of(const LinkMarks::ByStatus& counts) {
  std::int64_t all = 0;
  for (const std::int64_t count : counts) all += count;
  return all;
}

// Readers who see what is stored now, and what was some commits ago, find marks that are right for them, and leave
// some; whatever is committed between.
TEST(LinkMarks, AreRightForEveryTransaction) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Model model(seed);
    LinkMarks marks({.stride = 4, .changes_max = 30});
    model.commit(50);  // before anybody listens
    marks.follow(organization(1), model.now().counts);
    const std::size_t followed_at = model.size();
    std::map<MarkOrder, int> found;
    for (int round = 0; round < 400; ++round) {
      if (model.below(2) == 0) marks.counted(model.commit(1 + model.below(6)));
      const std::int64_t known = std::min<std::int64_t>(static_cast<std::int64_t>(model.size() - followed_at), 8);
      const Model::Version& version = model.before(static_cast<std::size_t>(model.below(known + 1)));
      const MarkOrder order = orders[static_cast<std::size_t>(model.below(std::ssize(orders)))];
      const auto view = marks.view(organization(1), order, version.counts);
      if (!view) continue;  // too long ago
      const std::int64_t sought = model.below(std::max<std::int64_t>(Model::count(version, order), 1));
      const auto gap = marks.around(*view, [&](const LinkMarks::Mark& mark) { return all_of(mark.before) > sought; });
      ASSERT_TRUE(gap);
      ASSERT_EQ(gap->first.before, Model::mark(version, order, gap->first.place).before) << seed << " " << round;
      ASSERT_EQ(gap->last.before, Model::mark(version, order, gap->last.place).before) << seed << " " << round;
      ASSERT_LE(all_of(gap->first.before), sought);
      ASSERT_TRUE(all_of(gap->last.before) > sought || sought == 0);
      ++found[order];
      const auto& link = version.links[static_cast<std::size_t>(model.below(std::ssize(version.links)))];
      if (model.below(4) > 0) continue;
      ASSERT_TRUE(marks.put(*view, Model::mark(version, order, Model::place(link, order)))) << seed << " " << round;
    }
    for (const MarkOrder order : orders) ASSERT_GT(found[order], 50);
  }
}

// As a log tells of them: transactions end in another order than they begin, and readers see what had ended when they
// began, ask for what was not known then, and are overtaken.
TEST(LinkMarks, AreRightForEveryTransactionByALog) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Model model(seed);
    LinkMarks marks({.stride = 4, .changes_max = 30});
    std::vector<sql::CountChange> log;
    std::vector<sql::Snapshot> snapshots;  // of each version
    std::vector<std::uint64_t> running;
    std::uint64_t next = 100;
    // One of the transactions that run commits.
    const auto commit = [&] {
      while (running.size() < 4) running.push_back(next++);
      const auto at = static_cast<std::size_t>(model.below(std::ssize(running)));
      for (const sql::Sum& sum : model.commit(1 + model.below(6)))
        log.push_back({running[at], std::string(sum.name), sum.amount, sum.entry});
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
      std::vector<std::uint64_t> known = running;
      std::uint64_t end = running.empty() ? next : 0;
      for (std::uint64_t id = next; end == 0; --id)
        if (std::ranges::find(running, id - 1) == running.end()) end = id;
      std::erase_if(known, [end](std::uint64_t id) { return id >= end; });
      snapshots.emplace_back(known.empty() ? end : known.front(), end, known);
    };
    commit();
    std::map<MarkOrder, int> found;
    int missed = 0;
    for (int round = 0; round < 400; ++round) {
      auto since = marks.last_seen(organization(1));
      if (model.below(2) == 0) commit();
      const std::size_t back = static_cast<std::size_t>(model.below(std::min<std::int64_t>(std::ssize(snapshots), 5)));
      const sql::Snapshot snapshot = snapshots[snapshots.size() - 1 - back];
      sql::CountChanges changes{snapshot, {}};
      for (const sql::CountChange& change : log)
        if (since && snapshot.sees(change.transaction) && !since->sees(change.transaction))
          changes.changes.push_back(change);
      const Model::Version version = model.before(back);
      const MarkOrder order = orders[static_cast<std::size_t>(model.below(std::ssize(orders)))];
      const auto view = marks.view(organization(1), order, version.counts, changes);
      missed += view ? 0 : 1;
      if (!view) continue;
      if (model.below(3) == 0) {  // somebody else, who sees more, is quicker
        commit();
        sql::CountChanges more{snapshots.back(), {}};
        since = marks.last_seen(organization(1));
        for (const sql::CountChange& change : log)
          if (snapshots.back().sees(change.transaction) && !since->sees(change.transaction))
            more.changes.push_back(change);
        ASSERT_TRUE(marks.view(organization(1), order, model.now().counts, more));
      }
      const std::int64_t sought = model.below(Model::count(version, order) + 1);
      const auto gap = marks.around(*view, [&](const LinkMarks::Mark& mark) { return all_of(mark.before) > sought; });
      if (!gap) continue;  // too long ago by now
      ASSERT_EQ(gap->first.before, Model::mark(version, order, gap->first.place).before) << seed << " " << round;
      ASSERT_EQ(gap->last.before, Model::mark(version, order, gap->last.place).before) << seed << " " << round;
      ++found[order];
      if (version.links.empty() || model.below(4) > 0) continue;
      const auto& link = version.links[static_cast<std::size_t>(model.below(std::ssize(version.links)))];
      ASSERT_TRUE(marks.put(*view, Model::mark(version, order, Model::place(link, order)))) << seed << " " << round;
    }
    for (const MarkOrder order : orders) ASSERT_GT(found[order], 50);
    ASSERT_LT(missed, 60);  // who sees what is not remembered
  }
}

// Where a row of the log is missing the counts say so, and it is begun anew.
TEST(LinkMarks, AreBegunAnewWhereTheLogIsNotWhole) {
  LinkMarks marks;
  LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  const LinkMarks::Mark mark{{0, PaymentLinkId(organization(9).uuid())}, {5, 0, 0, 0, 0}};
  EXPECT_EQ(marks.last_seen(organization(1)), std::nullopt);
  const auto first = marks.view(organization(1), MarkOrder::created, counts, {{10, 10, {}}, {}});
  ASSERT_TRUE(first && marks.put(*first, mark));
  const auto has_mark = [&](const LinkMarks::View& view) {
    return marks.around(view, [](const LinkMarks::Mark&) { return true; })->last.place == mark.place;
  };
  counts = {{11, 0, 0, 0, 0}, {2, 0, 0, 0, 0}};
  const sql::CountChanges logged{{11, 11, {}}, {{10, "open", 1, {organization(7).uuid(), {}}}}};
  const auto second = marks.view(organization(1), MarkOrder::created, counts, logged);
  ASSERT_TRUE(second);
  EXPECT_TRUE(has_mark(*second));
  counts = {{12, 0, 0, 0, 0}, {3, 0, 0, 0, 0}};
  const auto third = marks.view(organization(1), MarkOrder::created, counts, {{12, 12, {}}, {}});
  ASSERT_TRUE(third);
  EXPECT_FALSE(has_mark(*third));
  EXPECT_FALSE(marks.around(*second, [](const LinkMarks::Mark&) { return true; }));
}

// Numbers of transactions are a server's: a standby that took over gives those again that it never heard of.
TEST(LinkMarks, AreBegunAnewOnAnotherServer) {
  LinkMarks marks;
  const LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  const LinkMarks::Mark mark{{0, PaymentLinkId(organization(9).uuid())}, {5, 0, 0, 0, 0}};
  const auto view_on = [&](std::int64_t server) {
    return marks.view(organization(1), MarkOrder::created, counts, {{10, 10, {}, server}, {}});
  };
  const auto first = view_on(1);
  ASSERT_TRUE(first && marks.put(*first, mark));
  const auto has_mark = [&](const LinkMarks::View& view) {
    return marks.around(view, [](const LinkMarks::Mark&) { return true; })->last.place == mark.place;
  };
  const auto same = view_on(1);
  ASSERT_TRUE(same);
  EXPECT_TRUE(has_mark(*same));
  const auto other = view_on(2);
  ASSERT_TRUE(other);
  EXPECT_FALSE(has_mark(*other));
}

// A log is asked for again before it is not kept any more.
TEST(LinkMarks, WantTheLogAgain) {
  LinkMarks marks({.follow_time = std::chrono::milliseconds(200)});
  const LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  const auto is_wanted = [&] {
    EXPECT_TRUE(marks.view(organization(1), MarkOrder::created, counts, {{10, 10, {}}, {}}));
    return marks.wants(organization(1));
  };
  EXPECT_TRUE(is_wanted());
  EXPECT_FALSE(is_wanted());  // somebody is about it
  marks.follow_log(organization(1));
  EXPECT_FALSE(is_wanted());
  std::this_thread::sleep_for(std::chrono::milliseconds(210));
  EXPECT_FALSE(marks.wants(organization(1)));  // nobody reads
  EXPECT_TRUE(is_wanted());
  marks.give_up(organization(1));
  EXPECT_TRUE(is_wanted());
}

// A reader who sees a commit before it is told waits for that, and no longer than it may take.
TEST(LinkMarks, WaitForWhatIsAboutToBeTold) {
  LinkMarks marks({.telling_time = std::chrono::seconds(20)});
  const LinkCounts::Counts counts{{1, 0, 0, 0, 1}, {5, 0, 0, 0, 7}}, later{{2, 0, 0, 0, 1}, {6, 0, 0, 0, 7}};
  marks.follow(organization(1), counts);
  EXPECT_TRUE(marks.view(organization(1), MarkOrder::created, counts));
  std::thread teller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const sql::Sum sums[] = {{organization(1).uuid(), "open", "", 1, {organization(7).uuid(), {}}}};
    marks.counted(sums);
  });
  const auto view = marks.view(organization(1), MarkOrder::created, later);
  teller.join();
  ASSERT_TRUE(view);
  EXPECT_EQ(view->commit, marks.view(organization(1), MarkOrder::created, later)->commit);
  LinkMarks strange({.telling_time = std::chrono::milliseconds(1)});
  strange.follow(organization(1), counts);
  EXPECT_FALSE(strange.view(organization(1), MarkOrder::created, later));  // nobody tells
}

// Counts that come back to what they were are told from those that never changed.
TEST(LinkMarks, TellEqualCountsOfDifferentLinks) {
  LinkMarks marks;
  LinkCounts::Counts counts{{1, 0, 0, 0, 1}, {5, 0, 0, 0, 7}};
  marks.follow(organization(1), counts);
  const auto change = [&](std::uint8_t link, std::string_view from, std::string_view to) {
    const sql::Entry entry{organization(link).uuid(), {}};
    const sql::Sum sums[] = {{organization(1).uuid(), from, "", -1, entry}, {organization(1).uuid(), to, "", 1, entry}};
    marks.counted(sums);
  };
  change(7, "open", "processing");
  change(8, "processing", "open");
  const auto old_view = marks.view(organization(1), MarkOrder::created, counts);
  counts.changes = {7, 0, 0, 0, 9};
  const auto view = marks.view(organization(1), MarkOrder::created, counts);
  ASSERT_TRUE(view && old_view);
  EXPECT_EQ(view->commit, old_view->commit + 2);
}

TEST(LinkMarks, AreOnlyForWhoSeesWhatWasTold) {
  LinkMarks marks({.strangers_max = 2, .stranger_time = std::chrono::milliseconds(200)});
  const LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  EXPECT_FALSE(marks.wants(organization(1)));  // nobody has asked
  const auto is_wanted = [&] {
    EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, counts));
    return marks.wants(organization(1));
  };
  EXPECT_TRUE(is_wanted());
  EXPECT_FALSE(is_wanted());  // somebody is about it
  marks.give_up(organization(1));
  EXPECT_TRUE(is_wanted());
  marks.follow(organization(1), counts);
  EXPECT_TRUE(marks.view(organization(1), MarkOrder::created, counts));
  EXPECT_FALSE(marks.view(organization(2), MarkOrder::created, counts));
  // Somebody else writes: after a while it is begun anew.
  const LinkCounts::Counts others{{11, 0, 0, 0, 0}, {2, 0, 0, 0, 0}};
  EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, others));
  EXPECT_TRUE(marks.view(organization(1), MarkOrder::created, counts));
  std::this_thread::sleep_for(std::chrono::milliseconds(210));
  EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, others));
  EXPECT_TRUE(marks.view(organization(1), MarkOrder::created, counts));
  EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, others));
  std::this_thread::sleep_for(std::chrono::milliseconds(210));
  EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, others));
  EXPECT_TRUE(is_wanted());
}

// What somebody saw before it was followed anew says nothing any more.
TEST(LinkMarks, AreNotPutByAnOldView) {
  LinkMarks marks({.organizations_max = 1});
  LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  const LinkMarks::Mark mark{{0, PaymentLinkId(organization(9).uuid())}, {5, 0, 0, 0, 0}};
  marks.follow(organization(1), counts);
  const auto old_view = marks.view(organization(1), MarkOrder::created, counts);
  ASSERT_TRUE(old_view);
  marks.follow(organization(2), counts);  // takes its place
  counts = {{9, 0, 0, 1, 0}, {2, 0, 0, 1, 0}};
  marks.follow(organization(1), counts);
  EXPECT_FALSE(marks.put(*old_view, mark));
  EXPECT_FALSE(marks.around(*old_view, [](const LinkMarks::Mark&) { return false; }));
  const auto view = marks.view(organization(1), MarkOrder::created, counts);
  ASSERT_TRUE(view);
  EXPECT_TRUE(marks.put(*view, mark));
}

// Marks that cannot be are not kept, and nothing is trusted any more.
TEST(LinkMarks, NoticeRowsThatAreNotWhatCountsSay) {
  LinkMarks marks;
  const LinkCounts::Counts counts{{10, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  marks.follow(organization(1), counts);
  const auto view = marks.view(organization(1), MarkOrder::created, counts);
  ASSERT_TRUE(view);
  EXPECT_FALSE(marks.put(*view, {{0, PaymentLinkId(organization(9).uuid())}, {11, 0, 0, 0, 0}}));
  EXPECT_FALSE(marks.view(organization(1), MarkOrder::created, counts));
}

TEST(LinkMarks, StayWithinTheirBounds) {
  LinkMarks marks({.stride = 1, .marks_max = 8, .organizations_max = 3});
  const LinkCounts::Counts counts{{100, 0, 0, 0, 0}, {1, 0, 0, 0, 0}};
  const auto put = [&](std::uint8_t whose, std::uint8_t place) {
    const auto view = marks.view(organization(whose), MarkOrder::created, counts);
    return view && marks.put(*view, {{0, PaymentLinkId(organization(place).uuid())}, {place, 0, 0, 0, 0}});
  };
  const auto is_followed = [&](std::uint8_t whose) {
    return marks.view(organization(whose), MarkOrder::created, counts).has_value();
  };
  for (std::uint8_t i = 1; i <= 4; ++i) marks.follow(organization(i), counts);
  EXPECT_FALSE(is_followed(1));  // the one that was not read for longest
  EXPECT_TRUE(is_followed(2) && is_followed(3) && is_followed(4));
  for (std::uint8_t place = 1; place <= 3; ++place) EXPECT_TRUE(put(2, place) && put(4, place));
  EXPECT_TRUE(put(2, 4));
  EXPECT_FALSE(is_followed(3) && is_followed(4));  // made room
  for (std::uint8_t place = 5; place <= 7; ++place) EXPECT_TRUE(put(2, place));
  EXPECT_FALSE(put(2, 8));  // of one alone there are not more than that either
  EXPECT_TRUE(is_followed(2));
}

}  // namespace
}  // namespace paylink::store
