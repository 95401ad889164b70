#pragma once

#include <cstdint>
#include <vector>

#include "domain/filters.hpp"
#include "sql/transaction.hpp"
#include "store/link_keys.hpp"
#include "store/link_marks.hpp"

namespace paylink::store {

// Which of the open links a range has: the stored status may lag the clock.
enum class Late : std::uint8_t { with, without, only };

// More late links than are read to find a page. So many are sorted for one, whatever lies among them.
constexpr std::int64_t many_late = 2'000;

// The links of one stored status: one range of the index of any order.
struct LinkRange {
  LinkStatus stored;
  Late late = Late::with;
  std::int64_t links = 0;  // in the whole range; not below 0
};

// Where a page of a list begins: so many entries after a place.
struct PageStart {
  LinkPlace after;
  std::int64_t skip = 0;
};

// A list of links is a merge of ranges. Merging takes longer for each entry than counting a range does, so what lies
// far from the beginning is looked for by counting: a place in the largest range, how many come before it in the
// others, and so on in what is left. It is begun at the nearest mark, where there are some.
class LinkRanges {
 public:
  struct List {
    OrganizationId organization;
    LinkOrder order;
    std::vector<LinkRange> ranges;
    // Whether they are one range of an index already, all together: then counting them one by one wins nothing.
    bool is_one_range = false;
  };

  // `counts` are what `tx` sees.
  LinkRanges(sql::Transaction& tx, List list, const LinkCounts::Counts& counts, LinkMarks* marks)
      : tx_(tx), keys_(tx, list.organization, list.order), list_(std::move(list)), counts_(counts), marks_(marks) {}

  // `skip` entries from the beginning in a direction, which are fewer than there are; as a place and what is still to
  // be skipped after it: little, unless there are many late links, or no marks in a list that is one range.
  Result<PageStart> find(Direction direction, std::int64_t skip);

 private:
  struct Search;
  struct Found {
    LinkPlace place;
    bool is_entry = true;   // of the list: a late link is none of those that are open
    std::int64_t rank = 0;  // how many entries of its range come before it
  };
  struct Part {
    std::int64_t numerator, denominator;
  };
  Result<> read_late();
  std::int64_t late_between(const Search& search, const LinkPlace& place) const;
  Result<std::optional<Found>> entry_at(const LinkRange& range, const Search& search, std::int64_t position);
  Result<std::int64_t> count_before(const LinkRange& range, const Search& search, const LinkPlace& place,
                                    std::int64_t most);
  Result<> count_on(Search& search);

  std::int64_t before(const LinkRange& range, const LinkMarks::Mark& mark) const;
  std::int64_t before(const LinkMarks::Mark& mark) const;
  Result<> leap(Search& search);
  void go_on_at(Search& search, const LinkMarks::Gap& gap) const;
  Result<std::optional<LinkMarks::Mark>> find_mark(const LinkMarks::Gap& gap, bool from_first, const Part& part);

  sql::Transaction& tx_;
  LinkKeys keys_;
  const List list_;
  const LinkCounts::Counts counts_;
  LinkMarks* const marks_;
  std::vector<LinkPlace> late_;  // in ascending order; where it matters
};

}  // namespace paylink::store
