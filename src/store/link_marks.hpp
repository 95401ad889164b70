#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "domain/filters.hpp"
#include "sql/count_changes.hpp"
#include "sql/sums.hpp"
#include "store/link_counts.hpp"

namespace paylink::store {

// The orders of lists, and that in which open links expire, of which it is only these that are counted.
enum class MarkOrder : std::uint8_t { created, amount, expiration_date, expiry };
MarkOrder mark_order(LinkOrder order);

// Marks in the lists of links: places of which it is known how many links of each stored status come before them.
// Whoever had to count to find a page leaves them on his way, and what is committed is added to the counts between
// them, so the next one counts from the nearest mark. They are in the memory of one process, which is told what is
// committed where nobody else writes, and reads it in a log elsewhere: a reader whose transaction sees other counts
// than what is known comes to, and no earlier ones either, gets none. Safe from any thread.
class LinkMarks final : public sql::CountListener {
 public:
  using ByStatus = LinkCounts::ByStatus;
  using Counts = LinkCounts::Counts;

  struct Options {
    std::int64_t stride = 512;        // links from one mark to the next
    std::size_t marks_max = 262'144;  // of all organizations; 104 bytes each
    std::size_t organizations_max = 64;
    std::size_t changes_max = 2'048;  // of an organization that are remembered, for readers that do not see them yet
    // A reader may see a commit before it is told, and waits for that: to count all anew takes longer.
    std::chrono::milliseconds telling_time{20};
    // When so many in a row, and for so long, saw anything else than what was told, somebody else writes, or did: it is
    // begun anew.
    int strangers_max = 20;
    std::chrono::milliseconds stranger_time{5'000};
    std::chrono::milliseconds follow_time{60'000};  // a log is asked for again after it
  };
  // What a transaction sees of an order.
  struct View {
    OrganizationId organization;
    MarkOrder order;
    std::uint64_t commit;                     // the last one up to which it sees all
    std::optional<sql::Snapshot> snapshot{};  // with a log: which later ones it sees as well
  };
  struct Mark {
    LinkPlace place;
    ByStatus before{};  // links that come before it in ascending order, without the one that is there
  };
  // Two marks with none between them.
  struct Gap {
    Mark first, last;
  };

  explicit LinkMarks(Options options) : options_(options) {}
  LinkMarks() : LinkMarks(Options{}) {}

  std::int64_t stride() const { return options_.stride; }

  // Marks of an organization are kept from `follow` on, with what it has by then: called in a transaction that writes,
  // where there is one writer, so that nothing is committed and not told. With a log they are kept once somebody has a
  // view, and `follow_log` is called when it is to be kept for a while. True for one who has to bring that about, as
  // somebody had no view, or had one and the log is to be kept on; `give_up` if he cannot.
  bool wants(OrganizationId organization);
  void follow(OrganizationId organization, const Counts& counts);
  void follow_log(OrganizationId organization);
  void give_up(OrganizationId organization);
  void counted(std::span<const sql::Sum> added) noexcept override;

  // For a transaction that sees these counts. May wait for the telling.
  std::optional<View> view(OrganizationId organization, MarkOrder order, const Counts& counts);
  // The same with a log: `log` is what the transaction sees and `last_seen` did not.
  std::optional<View> view(OrganizationId organization, MarkOrder order, const Counts& counts,
                           const sql::CountChanges& log);
  std::optional<sql::Snapshot> last_seen(OrganizationId organization);
  // The last mark that is not beyond what is looked for, and the one after it. The first mark of all is before
  // everything, and the last one behind it.
  std::optional<Gap> around(const View& view, const std::function<bool(const Mark&)>& is_beyond);
  // False when it could not be kept.
  bool put(const View& view, const Mark& mark);

 private:
  struct Change {
    std::uint64_t commit;
    std::uint64_t transaction;  // with a log
    std::size_t status;
    std::int64_t links;
    sql::Entry entry;
  };
  // The links from its place to the next block's.
  struct Block {
    LinkPlace place;
    ByStatus links{};
  };
  struct Marked {
    std::vector<Block> blocks;
    std::vector<ByStatus> before;  // of the first blocks: of those that were needed and have not changed since
  };
  struct Followed {
    OrganizationId organization;
    Counts counts;
    std::uint64_t commit = 0;     // the last one
    std::uint64_t forgotten = 0;  // up to it changes are not remembered
    std::deque<Change> changes;
    std::array<Marked, 4> orders;           // by MarkOrder
    std::optional<sql::Snapshot> snapshot;  // with a log: what is counted
    std::optional<std::chrono::steady_clock::time_point> log_followed_at;
    int strangers = 0;
    std::optional<std::chrono::steady_clock::time_point> strange_since;  // readers see other counts, all of them
  };
  using Organizations = std::list<Followed>;  // the last read first

  static LinkPlace place_of(const sql::Entry& entry, MarkOrder order);
  static std::size_t block_of(const Marked& marked, const LinkPlace& place);
  static bool has(MarkOrder order, std::size_t status);
  static ByStatus all_of(MarkOrder order, const Followed& followed);
  static bool is_missed(const View& view, const Change& change);
  static ByStatus before(Followed& followed, const View& view, std::size_t block);
  void add_change(Followed& followed, ByStatus& has_changed, std::string_view status, Change change) const;
  static void apply(Followed& followed, const Change& change);
  void forget_old_changes(Followed& followed) const;
  bool check(Followed& followed, bool is_known);
  Followed* wait_for(OrganizationId organization, const Counts& counts, std::unique_lock<std::mutex>& lock);
  Followed& begin(OrganizationId organization, const Counts& counts);
  void catch_up(Followed& followed, const sql::CountChanges& log);
  std::optional<View> older_view(Followed& followed, MarkOrder order, const Counts& counts,
                                 const sql::Snapshot& snapshot);
  void want(OrganizationId organization);
  Followed* find(OrganizationId organization);
  Followed* find(const View& view);
  bool make_room(const Followed& keeper);
  void forget(Organizations::iterator organization);
  void forget_all();
  void follow_up(std::span<const sql::Sum> added);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable told_;
  Organizations followed_;
  std::unordered_map<OrganizationId, Organizations::iterator> by_organization_;
  std::unordered_set<OrganizationId> wanted_, awaited_;
  std::uint64_t commit_ = 0;  // never twice, so that no view outlives the organization it was of
  std::size_t marks_ = 0;
};

// For what a transaction sees.
Result<std::optional<LinkMarks::View>> view_marks(LinkMarks& marks, OrganizationId organization, MarkOrder order,
                                                  const LinkCounts::Counts& counts, sql::Transaction& tx);

}  // namespace paylink::store
