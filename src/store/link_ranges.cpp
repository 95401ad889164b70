#include "store/link_ranges.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace paylink::store {
namespace {

// So few are as quickly merged.
constexpr std::int64_t near_enough = 256;
// A list that has no more than one of so many links.
constexpr std::int64_t sparse = 32;

constexpr int jumps_max = 8;

// Of all statuses.
std::int64_t links_in(const LinkMarks::Gap& gap) {
  return std::accumulate(gap.last.before.begin(), gap.last.before.end(), std::int64_t{0}) -
         std::accumulate(gap.first.before.begin(), gap.first.before.end(), std::int64_t{0});
}

}  // namespace

// Wanted is the entry that `target` others come before, of those after `after`, where each range has as many left as
// may come before it.
struct LinkRanges::Search {
  Direction direction;
  LinkPlace after;
  std::int64_t target;
  std::vector<std::int64_t> left;

  // How many of a range matter: no range can have more than all that come before the wanted one, and itself.
  std::int64_t most(std::size_t range) const { return std::min(left[range], target + 1); }
  // Where in a range it may be: as if the ranges were mixed evenly, but never so near to an end that little is won. A
  // range that is alone has it at its own place.
  std::int64_t guess(std::size_t range) const {
    const std::int64_t all = std::accumulate(left.begin(), left.end(), std::int64_t{0});
    if (left[range] == all) return target;
    const std::int64_t margin = most(range) / 8;
    return std::clamp(target * left[range] / all, margin, most(range) - 1 - margin);
  }
};

Result<> LinkRanges::read_late() {
  const auto matters = [](const LinkRange& range) { return range.late != Late::with; };
  if (std::ranges::any_of(list_.ranges, matters)) late_ = TRY(keys_.late(many_late + 1));
  return {};
}

// Of those after where the search has come to, and before a place.
std::int64_t LinkRanges::late_between(const Search& search, const LinkPlace& place) const {
  const bool ascending = search.direction == Direction::ascending;
  const auto first = std::ranges::upper_bound(late_, ascending ? search.after : place, comes_before);
  const auto last = std::ranges::lower_bound(late_, ascending ? place : search.after, comes_before);
  return std::max<std::int64_t>(last - first, 0);
}

Result<std::optional<LinkRanges::Found>> LinkRanges::entry_at(const LinkRange& range, const Search& search,
                                                              std::int64_t position) {
  if (range.late == Late::only) {
    const bool ascending = search.direction == Direction::ascending;
    const auto first = ascending ? std::ranges::upper_bound(late_, search.after, comes_before) - late_.begin()
                                 : std::ranges::lower_bound(late_, search.after, comes_before) - late_.begin() - 1;
    const auto at = ascending ? first + position : first - position;
    if (at < 0 || at >= std::ssize(late_)) return std::optional<Found>();  // wrong counts led here
    return std::optional(Found{late_[static_cast<std::size_t>(at)], true, position});
  }
  const auto place = TRY(keys_.find(range.stored, search.direction, search.after, position));
  if (!place) return std::optional<Found>();
  Found found{*place, true, position};
  if (range.late == Late::with) return std::optional(found);
  found.is_entry = !std::ranges::binary_search(late_, found.place, comes_before);
  found.rank -= late_between(search, found.place);
  return std::optional(found);
}

Result<std::int64_t> LinkRanges::count_before(const LinkRange& range, const Search& search, const LinkPlace& place,
                                              std::int64_t most) {
  if (range.late == Late::only) return late_between(search, place);
  const bool ascending = search.direction == Direction::ascending;
  const std::int64_t others = range.late == Late::without ? late_between(search, place) : 0;
  return TRY(keys_.count(range.stored, ascending ? search.after : place, ascending ? place : search.after,
                         most + others)) -
         others;
}

Result<> LinkRanges::count_on(Search& search) {
  while (search.target >= near_enough) {
    const auto largest = static_cast<std::size_t>(std::ranges::max_element(search.left) - search.left.begin());
    const auto found = TRY(entry_at(list_.ranges[largest], search, search.guess(largest)));
    if (!found) break;
    std::vector<std::int64_t> before(search.left.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      if (i != largest && search.left[i] > 0)
        before[i] = TRY(count_before(list_.ranges[i], search, found->place, search.most(i)));
    before[largest] = found->rank;
    const std::int64_t rank = std::accumulate(before.begin(), before.end(), std::int64_t{0});
    if (rank > search.target) {
      search.left = std::move(before);
      continue;
    }
    const std::int64_t itself = found->is_entry ? 1 : 0;
    for (std::size_t i = 0; i < before.size(); ++i) search.left[i] -= before[i];
    search.left[largest] -= itself;
    search.after = found->place;
    search.target -= rank + itself;
  }
  return {};
}

std::int64_t LinkRanges::before(const LinkRange& range, const LinkMarks::Mark& mark) const {
  const std::int64_t stored = mark.before[static_cast<std::size_t>(range.stored)];
  if (range.late == Late::with) return stored;
  const auto late = std::ranges::lower_bound(late_, mark.place, comes_before) - late_.begin();
  return range.late == Late::only ? late : stored - late;
}

std::int64_t LinkRanges::before(const LinkMarks::Mark& mark) const {
  std::int64_t all = 0;
  for (const LinkRange& range : list_.ranges) all += before(range, mark);
  return all;
}

// The search goes on at the mark that lies in its direction.
void LinkRanges::go_on_at(Search& search, const LinkMarks::Gap& gap) const {
  const bool ascending = search.direction == Direction::ascending;
  const LinkMarks::Mark& mark = ascending ? gap.first : gap.last;
  // What is at the mark itself is not before it.
  const bool is_start = mark.place == start_of(search.direction);
  search.after = ascending && !is_start ? just_before(mark.place) : mark.place;
  for (std::size_t i = 0; i < search.left.size(); ++i) {
    const std::int64_t before_mark = before(list_.ranges[i], mark);
    const std::int64_t passed = ascending ? before_mark : search.left[i] - before_mark;
    search.left[i] = std::max<std::int64_t>(search.left[i] - passed, 0);
    search.target -= passed;
  }
}

// A new one between two that are far from one another: a stride from one of them, or so much farther as is this part of
// all between them.
Result<std::optional<LinkMarks::Mark>> LinkRanges::find_mark(const LinkMarks::Gap& gap, bool from_first,
                                                             const Part& part) {
  LinkMarks::ByStatus links = gap.last.before;
  for (std::size_t i = 0; i < links.size(); ++i) links[i] -= gap.first.before[i];
  const auto largest = static_cast<std::size_t>(std::ranges::max_element(links) - links.begin());
  const std::int64_t far = links[largest] * part.numerator / part.denominator;
  const std::int64_t position = std::max(std::min(marks_->stride(), links[largest] / 2), far);
  const bool has_start = gap.first.place == start_of(Direction::ascending);
  const LinkPlace above = has_start ? gap.first.place : just_before(gap.first.place);
  const auto place =
      TRY(from_first ? keys_.find(static_cast<LinkStatus>(largest), Direction::ascending, above, position)
                     : keys_.find(static_cast<LinkStatus>(largest), Direction::descending, gap.last.place, position));
  if (!place || !comes_before(gap.first.place, *place) || !comes_before(*place, gap.last.place))
    return std::optional<LinkMarks::Mark>();  // the counts are wrong
  LinkMarks::Mark mark{*place, from_first ? gap.first.before : gap.last.before};
  const LinkPlace from = from_first ? above : just_before(*place);
  const LinkPlace to = from_first ? *place : gap.last.place;
  const auto counted = TRY(keys_.count_each(from, to));
  for (std::size_t i = 0; i < links.size(); ++i) mark.before[i] += from_first ? counted[i] : -counted[i];
  return std::optional(mark);
}

// To the mark that is nearest, and on from there mark by mark, which are left for whoever comes next. Where each
// question is a message to a server (which is where there is a log) it goes on by jumps: to where the page would be if
// the links were mixed evenly, and when that is wrong too often, by halves.
Result<> LinkRanges::leap(Search& search) {
  const auto view = TRY(view_marks(*marks_, list_.organization, mark_order(list_.order), counts_, tx_));
  if (!view) return {};
  const std::int64_t all = std::accumulate(search.left.begin(), search.left.end(), std::int64_t{0});
  const std::int64_t skip = search.target + 1;
  const std::int64_t sought = search.direction == Direction::ascending ? skip : all - skip;
  const auto is_beyond = [&](const LinkMarks::Mark& mark) { return before(mark) > sought; };
  std::optional<LinkMarks::Gap> gap;
  for (int jumps = 0;; ++jumps) {
    const auto nearer = marks_->around(*view, is_beyond);
    if (!nearer) break;
    gap = nearer;
    const std::int64_t first = before(gap->first), last = before(gap->last);
    if (last - first <= 2 * marks_->stride()) break;
    // The few of a list among the many of others are sooner counted.
    if (links_in(*gap) > sparse * (last - first)) break;
    const bool from_first = sought - first <= last - sought;
    Part part{0, 1};
    if (view->snapshot && jumps < jumps_max) part = {from_first ? sought - first : last - sought, last - first};
    if (view->snapshot && jumps >= jumps_max) part = {1, 2};
    const auto mark = TRY(find_mark(*gap, from_first, part));
    if (!mark || !marks_->put(*view, *mark)) break;
  }
  if (gap) go_on_at(search, *gap);
  return {};
}

Result<PageStart> LinkRanges::find(Direction direction, std::int64_t skip) {
  Search search{direction, start_of(direction), skip - 1, {}};
  for (const LinkRange& range : list_.ranges) search.left.push_back(range.links);
  const bool leaps = marks_ != nullptr && skip > marks_->stride();
  if (search.target >= near_enough || leaps) TRY(read_late());
  const bool can_count = static_cast<std::int64_t>(late_.size()) <= many_late;
  if (can_count && leaps) TRY(leap(search));
  if (can_count && !list_.is_one_range) TRY(count_on(search));
  return PageStart{search.after, search.target + 1};
}

}  // namespace paylink::store
