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

// $3 says which of the open ones are meant as of $4. Where all are, nobody looks at expires_effective_at, and the index
// alone answers.
#define IN_RANGE                                                                                       \
  " FROM payment_links WHERE organization_id = $1 AND status = $2 AND ($3 = 0 OR ($3 = 1 AND"          \
  " (expires_effective_at IS NULL OR expires_effective_at > $4)) OR ($3 = 2 AND expires_effective_at " \
  "<= $4))"
#define ID_AT(order, after) "SELECT id" IN_RANGE " AND id " after " $5 ORDER BY id " order " LIMIT 1 OFFSET $6"
#define KEY_AT(key, order, after)                                                                          \
  "SELECT id, " key IN_RANGE " AND (" key ", id) " after " ($5, $6) ORDER BY " key " " order ", id " order \
  " LIMIT"                                                                                                 \
  " 1 OFFSET $7"

constexpr LinkOrders entries{
    .oldest_first = ID_AT("ASC", ">"),
    .newest_first = ID_AT("DESC", "<"),
    .smallest_first = KEY_AT("amount_minor", "ASC", ">"),
    .largest_first = KEY_AT("amount_minor", "DESC", "<"),
    .soonest_first = KEY_AT("expiration_date", "ASC", ">"),
    .latest_first = KEY_AT("expiration_date", "DESC", "<"),
};

// Between two places, at most so many.
#define KEYS_BETWEEN(key)                                                             \
  "SELECT COUNT(*) FROM (SELECT 1" IN_RANGE " AND (" key ", id) > ($5, $6) AND (" key \
  ", id) < ($7, $8) LIMIT $9) "                                                       \
  "k"
constexpr std::string_view ids_between =
    "SELECT COUNT(*) FROM (SELECT 1" IN_RANGE " AND id > $5 AND id < $6 LIMIT $7) k";
constexpr std::string_view amounts_between = KEYS_BETWEEN("amount_minor");
constexpr std::string_view dates_between = KEYS_BETWEEN("expiration_date");

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

  // No range can have more than all that come before the wanted one, and itself.
  void narrow() {
    for (std::int64_t& links : left) links = std::min(links, target + 1);
  }
  // Where in a range of so many it may be: as if the ranges were mixed evenly, but never so near to an end that little
  // is won. A range that is alone has it at its own place.
  std::int64_t guess(std::int64_t links) const {
    const std::int64_t all = std::accumulate(left.begin(), left.end(), std::int64_t{0});
    if (links == all) return target;
    const std::int64_t margin = links / 8;
    return std::clamp(target * links / all, margin, links - 1 - margin);
  }
};

std::vector<sql::Value> LinkRanges::parameters(const LinkRange& range) const {
  return {organization_, link_status_names.name(range.stored), static_cast<std::int64_t>(range.late), tx_.now()};
}

void LinkRanges::add_place(std::vector<sql::Value>& values, const LinkPlace& place) const {
  if (order_ != LinkOrder::created) values.emplace_back(place.key);
  values.emplace_back(place.id);
}

Result<std::optional<LinkPlace>> LinkRanges::entry_at(const LinkRange& range, const Search& search,
                                                      std::int64_t position) {
  auto values = parameters(range);
  add_place(values, search.after);
  values.emplace_back(position);
  const sql::Rows rows = TRY(tx_.query(entries.of(order_, search.direction), sql::Values(values)));
  if (rows.empty()) return std::optional<LinkPlace>();
  const std::int64_t key = order_ == LinkOrder::created ? 0 : rows.front().integer(1);
  return std::optional(LinkPlace{key, rows.front().id<PaymentLinkId>(0)});
}

Result<std::int64_t> LinkRanges::count_before(const LinkRange& range, const Search& search, const LinkPlace& place,
                                              std::int64_t most) {
  const bool ascending = search.direction == Direction::ascending;
  auto values = parameters(range);
  add_place(values, ascending ? search.after : place);
  add_place(values, ascending ? place : search.after);
  values.emplace_back(most);
  const sql::Rows rows = TRY(tx_.query(between(order_), sql::Values(values)));
  return rows.front().integer(0);
}

Result<PageStart> LinkRanges::find(Direction direction, std::int64_t skip) {
  Search search{direction, start_of(direction), skip - 1, {}};
  for (const LinkRange& range : ranges_) search.left.push_back(range.links);
  while (search.target >= near_enough) {
    search.narrow();
    const auto largest = static_cast<std::size_t>(std::ranges::max_element(search.left) - search.left.begin());
    const std::int64_t position = search.guess(search.left[largest]);
    const auto place = TRY(entry_at(ranges_[largest], search, position));
    if (!place) break;
    std::vector<std::int64_t> before(search.left.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      if (i != largest && search.left[i] > 0) before[i] = TRY(count_before(ranges_[i], search, *place, search.left[i]));
    before[largest] = position;
    const std::int64_t rank = std::accumulate(before.begin(), before.end(), std::int64_t{0});
    if (rank == search.target) return PageStart{*place, 0};
    if (rank > search.target) {
      search.left = std::move(before);
      continue;
    }
    for (std::size_t i = 0; i < before.size(); ++i) search.left[i] -= before[i];
    --search.left[largest];
    search.after = *place;
    search.target -= rank + 1;
  }
  return PageStart{search.after, search.target + 1};
}

}  // namespace paylink::store
