#include "store/link_ranges.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "store/link_orders.hpp"

namespace paylink::store {
namespace {

// So few are as quickly merged.
constexpr std::int64_t near_enough = 200;

// The index alone answers.
#define IN_RANGE " FROM payment_links WHERE organization_id = $1 AND status = $2"
#define ID_AT(order, after) "SELECT id" IN_RANGE " AND id " after " $3 ORDER BY id " order " LIMIT 1 OFFSET $4"
#define KEY_AT(key, order, after)                                                                          \
  "SELECT id, " key IN_RANGE " AND (" key ", id) " after " ($3, $4) ORDER BY " key " " order ", id " order \
  " LIMIT 1 OFFSET $5"

constexpr LinkOrders entries{
    .oldest_first = ID_AT("ASC", ">"),
    .newest_first = ID_AT("DESC", "<"),
    .smallest_first = KEY_AT("amount_minor", "ASC", ">"),
    .largest_first = KEY_AT("amount_minor", "DESC", "<"),
    .soonest_first = KEY_AT("expiration_date", "ASC", ">"),
    .latest_first = KEY_AT("expiration_date", "DESC", "<"),
};

// Between two places, at most so many.
#define KEYS_BETWEEN(key) \
  "SELECT COUNT(*) FROM (SELECT 1" IN_RANGE " AND (" key ", id) > ($3, $4) AND (" key ", id) < ($5, $6) LIMIT $7) k"
constexpr std::string_view ids_between =
    "SELECT COUNT(*) FROM (SELECT 1" IN_RANGE " AND id > $3 AND id < $4 LIMIT $5) k";
constexpr std::string_view amounts_between = KEYS_BETWEEN("amount_minor");
constexpr std::string_view dates_between = KEYS_BETWEEN("expiration_date");

constexpr std::string_view select_late =
    "SELECT id, amount_minor, expiration_date FROM payment_links"
    " WHERE organization_id = $1 AND status = 'open' AND expires_effective_at <= $2 LIMIT $3";

bool comes_before(const LinkPlace& left, const LinkPlace& right) {
  return std::pair(left.key, left.id) < std::pair(right.key, right.id);
}

std::string_view between(LinkOrder order) {
  switch (order) {
    case LinkOrder::amount:
      return amounts_between;
    case LinkOrder::expiration_date:
      return dates_between;
    case LinkOrder::created:
      break;
  }
  return ids_between;
}

}  // namespace

LinkPlace start_of(Direction direction) {
  if (direction == Direction::ascending) return {std::numeric_limits<std::int64_t>::min(), PaymentLinkId()};
  std::array<std::uint8_t, 16> last;
  last.fill(0xff);
  return {std::numeric_limits<std::int64_t>::max(), PaymentLinkId(Uuid(last))};
}

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

void LinkRanges::add_place(std::vector<sql::Value>& values, const LinkPlace& place) const {
  if (order_ != LinkOrder::created) values.emplace_back(place.key);
  values.emplace_back(place.id);
}

Result<> LinkRanges::read_late() {
  const auto matters = [](const LinkRange& range) { return range.late != Late::with; };
  if (std::ranges::none_of(ranges_, matters)) return {};
  const sql::Rows rows = TRY(tx_.query(select_late, {organization_, tx_.now(), many_late + 1}));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t key = order_ == LinkOrder::amount            ? rows[i].integer(1)
                             : order_ == LinkOrder::expiration_date ? rows[i].integer(2)
                                                                    : 0;
    late_.push_back({key, rows[i].id<PaymentLinkId>(0)});
  }
  std::ranges::sort(late_, comes_before);
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
  std::vector<sql::Value> values = {organization_, link_status_names.name(range.stored)};
  add_place(values, search.after);
  values.emplace_back(position);
  const sql::Rows rows = TRY(tx_.query(entries.of(order_, search.direction), sql::Values(values)));
  if (rows.empty()) return std::optional<Found>();
  const std::int64_t key = order_ == LinkOrder::created ? 0 : rows.front().integer(1);
  Found found{{key, rows.front().id<PaymentLinkId>(0)}, true, position};
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
  std::vector<sql::Value> values = {organization_, link_status_names.name(range.stored)};
  add_place(values, ascending ? search.after : place);
  add_place(values, ascending ? place : search.after);
  values.emplace_back(most + others);
  const sql::Rows rows = TRY(tx_.query(between(order_), sql::Values(values)));
  return rows.front().integer(0) - others;
}

Result<PageStart> LinkRanges::find(Direction direction, std::int64_t skip) {
  Search search{direction, start_of(direction), skip - 1, {}};
  for (const LinkRange& range : ranges_) search.left.push_back(range.links);
  if (search.target >= near_enough) TRY(read_late());
  const bool can_search = static_cast<std::int64_t>(late_.size()) <= many_late;
  while (can_search && search.target >= near_enough) {
    const auto largest = static_cast<std::size_t>(std::ranges::max_element(search.left) - search.left.begin());
    const auto found = TRY(entry_at(ranges_[largest], search, search.guess(largest)));
    if (!found) break;
    std::vector<std::int64_t> before(search.left.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      if (i != largest && search.left[i] > 0)
        before[i] = TRY(count_before(ranges_[i], search, found->place, search.most(i)));
    before[largest] = found->rank;
    const std::int64_t rank = std::accumulate(before.begin(), before.end(), std::int64_t{0});
    if (rank == search.target && found->is_entry) return PageStart{found->place, 0};
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
  return PageStart{search.after, search.target + 1};
}

}  // namespace paylink::store
