#include "store/link_keys.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/ensure.hpp"
#include "store/link_orders.hpp"

namespace paylink::store {
namespace {

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

// Each status is a range of the index.
#define ONE_BETWEEN(status, condition)                                                                \
  "SELECT '" status "', COUNT(*) FROM payment_links WHERE organization_id = $1 AND status = '" status \
  "' "                                                                                                \
  "AND " condition
#define EACH_BETWEEN(condition)                                                                                   \
  ONE_BETWEEN("open", condition)                                                                                  \
  " UNION ALL " ONE_BETWEEN("expired", condition) " UNION ALL " ONE_BETWEEN(                                      \
      "canceled", condition) " UNION ALL " ONE_BETWEEN("paid", condition) " UNION ALL " ONE_BETWEEN("processing", \
                                                                                                    condition)
constexpr std::string_view each_id_between = EACH_BETWEEN("id > $2 AND id < $3");
constexpr std::string_view each_amount_between =
    EACH_BETWEEN("(amount_minor, id) > ($2, $3) AND (amount_minor, id) < ($4, $5)");
constexpr std::string_view each_date_between =
    EACH_BETWEEN("(expiration_date, id) > ($2, $3) AND (expiration_date, id) < ($4, $5)");

constexpr std::string_view select_late =
    "SELECT id, amount_minor, expiration_date FROM payment_links"
    " WHERE organization_id = $1 AND status = 'open' AND expires_effective_at <= $2 LIMIT $3";

constexpr std::string_view count_late_keys =
    "SELECT COUNT(*) FROM (SELECT 1 FROM payment_links WHERE organization_id = $1 AND status = 'open'"
    " AND expires_effective_at > $2 AND expires_effective_at <= $3 LIMIT $4) k";

struct ByOrder {
  std::string_view created, amount, expiration_date;

  std::string_view of(LinkOrder order) const {
    switch (order) {
      case LinkOrder::amount:
        return amount;
      case LinkOrder::expiration_date:
        return expiration_date;
      case LinkOrder::created:
        break;
    }
    return created;
  }
};

constexpr ByOrder one_between{ids_between, amounts_between, dates_between};
constexpr ByOrder each_between{each_id_between, each_amount_between, each_date_between};

}  // namespace

bool comes_before(const LinkPlace& left, const LinkPlace& right) {
  return std::pair(left.key, left.id) < std::pair(right.key, right.id);
}

LinkPlace start_of(Direction direction) {
  if (direction == Direction::ascending) return {std::numeric_limits<std::int64_t>::min(), PaymentLinkId()};
  std::array<std::uint8_t, 16> last;
  last.fill(0xff);
  return {std::numeric_limits<std::int64_t>::max(), PaymentLinkId(Uuid(last))};
}

LinkPlace just_before(const LinkPlace& place) {
  std::array<std::uint8_t, 16> bytes = place.id.uuid().bytes();
  std::size_t at = bytes.size();
  while (at > 0 && bytes[at - 1]-- == 0) --at;
  return {at == 0 ? place.key - 1 : place.key, PaymentLinkId(Uuid(bytes))};
}

void LinkKeys::add_place(std::vector<sql::Value>& values, const LinkPlace& place) const {
  if (order_ != LinkOrder::created) values.emplace_back(place.key);
  values.emplace_back(place.id);
}

Result<std::optional<LinkPlace>> LinkKeys::find(LinkStatus stored, Direction direction, const LinkPlace& after,
                                                std::int64_t between) {
  std::vector<sql::Value> values = {organization_, link_status_names.name(stored)};
  add_place(values, after);
  values.emplace_back(between);
  const sql::Rows rows = TRY(tx_.walk(entries.of(order_, direction), sql::Values(values)));
  if (rows.empty()) return std::optional<LinkPlace>();
  const std::int64_t key = order_ == LinkOrder::created ? 0 : rows.front().integer(1);
  return std::optional(LinkPlace{key, rows.front().id<PaymentLinkId>(0)});
}

Result<std::int64_t> LinkKeys::count(LinkStatus stored, const LinkPlace& above, const LinkPlace& below,
                                     std::int64_t most) {
  std::vector<sql::Value> values = {organization_, link_status_names.name(stored)};
  add_place(values, above);
  add_place(values, below);
  values.emplace_back(most);
  const sql::Rows rows = TRY(tx_.walk(one_between.of(order_), sql::Values(values)));
  return rows.front().integer(0);
}

Result<LinkCounts::ByStatus> LinkKeys::count_each(const LinkPlace& above, const LinkPlace& below) {
  std::vector<sql::Value> values = {organization_};
  add_place(values, above);
  add_place(values, below);
  const sql::Rows rows = TRY(tx_.walk(each_between.of(order_), sql::Values(values)));
  LinkCounts::ByStatus counts{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto status = link_status_names.parse(rows[i].text(0));
    ENSURE(status.has_value());
    counts[static_cast<std::size_t>(*status)] = rows[i].integer(1);
  }
  return counts;
}

Result<std::int64_t> LinkKeys::count_late(std::int64_t since, std::int64_t most) {
  const sql::Rows rows = TRY(tx_.query(count_late_keys, {organization_, since, tx_.now(), most}));
  return rows.front().integer(0);
}

Result<std::vector<LinkPlace>> LinkKeys::late(std::int64_t most) {
  const sql::Rows rows = TRY(tx_.query(select_late, {organization_, tx_.now(), most}));
  std::vector<LinkPlace> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t key = order_ == LinkOrder::amount            ? rows[i].integer(1)
                             : order_ == LinkOrder::expiration_date ? rows[i].integer(2)
                                                                    : 0;
    places.push_back({key, rows[i].id<PaymentLinkId>(0)});
  }
  std::ranges::sort(places, comes_before);
  return places;
}

}  // namespace paylink::store
