#include "store/link_lists.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "store/link_metadata.hpp"
#include "store/link_orders.hpp"
#include "store/payment_link_row.hpp"

namespace paylink::store {
namespace {

// Several statuses are a merge: each branch reads one range of an index in the wanted order, and what no page needs is
// not read, and of those on the page the rows are looked up. PostgreSQL merges only branches that say their order. A
// branch whose status is not wanted ends before it begins. $3 says whether there are late links: without them nobody
// looks at expires_effective_at, and the index alone answers.
#define BRANCH(name, keys, order, condition)                                                                   \
  "SELECT key_id, sort_key FROM (SELECT " keys " FROM payment_links WHERE organization_id = $1 AND " condition \
  " ORDER BY " order ") AS " name
#define KEYS(keys, order, after)                                                                                       \
  BRANCH("open", keys, order,                                                                                          \
         "status = 'open' AND $4 = 1 AND ($3 = 0 OR expires_effective_at IS NULL OR expires_effective_at > $2)" after) \
  " UNION ALL " BRANCH("late", keys, order,                                                                      \
                       "status = 'open' AND $5 = 1 AND $3 = 1 AND expires_effective_at <= $2" after)             \
  " UNION ALL " BRANCH("expired", keys, order, "status = 'expired' AND $5 = 1" after)                            \
  " UNION ALL " BRANCH("canceled", keys, order, "status = 'canceled' AND $6 = 1" after)                          \
  " UNION ALL " BRANCH("paid", keys, order, "status = 'paid' AND $7 = 1" after)                                  \
  " UNION ALL " BRANCH("processing", keys, order, "status = 'processing' AND $8 = 1" after)                      \
  " ORDER BY " order
// The rows of a page, in any order.
#define ROWS_OF(keys)                                 \
  "SELECT " PAYMENT_LINK_COLUMNS("l.") " FROM (" keys \
                                       ") k"          \
                                       " JOIN payment_links l ON l.organization_id = $1 AND l.id = k.key_id"
#define LINK_LIST(key, order) ROWS_OF(KEYS("id AS key_id, " key " AS sort_key", order, "") " LIMIT $9 OFFSET $10")
// What comes after a place, which is an id, or a key and an id.
#define LINKS_AFTER_ID(order, after) \
  ROWS_OF(KEYS("id AS key_id, id AS sort_key", order, " AND id " after " $9") " LIMIT $10")
#define LINKS_AFTER(key, order, after) \
  ROWS_OF(KEYS("id AS key_id, " key " AS sort_key", order, " AND (" key ", id) " after " ($9, $10)") " LIMIT $11")

constexpr LinkOrders pages{
    .oldest_first = LINK_LIST("id", "1 ASC"),
    .newest_first = LINK_LIST("id", "1 DESC"),
    .smallest_first = LINK_LIST("amount_minor", "2 ASC, 1 ASC"),
    .largest_first = LINK_LIST("amount_minor", "2 DESC, 1 DESC"),
    .soonest_first = LINK_LIST("expiration_date", "2 ASC, 1 ASC"),
    .latest_first = LINK_LIST("expiration_date", "2 DESC, 1 DESC"),
};

constexpr LinkOrders walks{
    .oldest_first = LINKS_AFTER_ID("1 ASC", ">"),
    .newest_first = LINKS_AFTER_ID("1 DESC", "<"),
    .smallest_first = LINKS_AFTER("amount_minor", "2 ASC, 1 ASC", ">"),
    .largest_first = LINKS_AFTER("amount_minor", "2 DESC, 1 DESC", "<"),
    .soonest_first = LINKS_AFTER("expiration_date", "2 ASC, 1 ASC", ">"),
    .latest_first = LINKS_AFTER("expiration_date", "2 DESC, 1 DESC", "<"),
};

constexpr std::string_view count_late_links =
    "SELECT COUNT(*) FROM payment_links WHERE organization_id = $1 AND status = 'open' AND expires_effective_at <= $2";

constexpr std::string_view count_links =
    "SELECT COUNT(*) FROM payment_links WHERE organization_id = $1 AND status = $2";

void sort(std::vector<PaymentLink>& links, const LinkFilter& filter) {
  const auto key = [&](const PaymentLink& link) {
    const LinkPlace place = place_of(link, filter.order);
    return std::pair(place.key, place.id);
  };
  std::ranges::sort(links, {}, key);
  if (filter.direction == Direction::descending) std::ranges::reverse(links);
}

std::vector<LinkStatus> statuses_of(const LinkFilter& filter) {
  if (!filter.statuses.empty()) return filter.statuses;
  std::vector<LinkStatus> all;
  for (const auto& row : link_status_names.rows) all.push_back(row.first);
  return all;
}

// $1 to $8 of every statement above.
std::vector<sql::Value> branches(OrganizationId organization, Time now, bool has_late,
                                 const std::vector<LinkStatus>& statuses) {
  std::vector<sql::Value> values = {organization, now, sql::as_flag(has_late)};
  for (const LinkStatus status :
       {LinkStatus::open, LinkStatus::expired, LinkStatus::canceled, LinkStatus::paid, LinkStatus::processing})
    values.emplace_back(sql::as_flag(std::ranges::count(statuses, status) > 0));
  return values;
}

// Before everything else in the order of a list.
LinkPlace start_of(Direction direction) {
  if (direction == Direction::ascending) return {std::numeric_limits<std::int64_t>::min(), PaymentLinkId()};
  std::array<std::uint8_t, 16> last;
  last.fill(0xff);
  return {std::numeric_limits<std::int64_t>::max(), PaymentLinkId(Uuid(last))};
}

}  // namespace

Result<std::int64_t> LinkLists::count_late(OrganizationId organization) {
  const sql::Rows rows = TRY(tx_.query(count_late_links, {organization, tx_.now()}));
  return rows.front().integer(0);
}

Result<std::int64_t> LinkLists::count(OrganizationId organization, const std::vector<LinkStatus>& statuses,
                                      std::int64_t late) {
  std::int64_t total = 0;
  for (const LinkStatus status : statuses) {
    const sql::Rows rows = TRY(tx_.query(count_links, {organization, link_status_names.name(status)}));
    total += rows.front().integer(0);
    if (status == LinkStatus::open) total -= late;
    if (status == LinkStatus::expired) total += late;
  }
  return total;
}

Result<Listed<PaymentLink>> LinkLists::list(OrganizationId organization, const LinkFilter& filter, Page page) {
  if (filter.metadata.empty()) return list_by_status(organization, filter, page);
  return LinkMetadata(tx_).list(organization, filter, page);
}

Result<Listed<PaymentLink>> LinkLists::list_by_status(OrganizationId organization, const LinkFilter& filter,
                                                      Page page) {
  const std::vector<LinkStatus> statuses = statuses_of(filter);
  const std::int64_t late = TRY(count_late(organization));
  Listed<PaymentLink> listed{{}, 0, page};
  listed.total = TRY(count(organization, statuses, late));
  if (page.offset() >= listed.total) return listed;
  auto values = branches(organization, tx_.now(), late > 0, statuses);
  values.emplace_back(page.size);
  values.emplace_back(page.offset());
  const sql::Rows rows = TRY(tx_.query(pages.of(filter), sql::Values(values)));
  listed.entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_payment_link(rows[i]));
  sort(listed.entries, filter);
  return listed;
}

Result<Walked<PaymentLink>> LinkLists::walk(OrganizationId organization, const LinkFilter& filter,
                                            const std::optional<LinkPlace>& after, std::int64_t size) {
  const LinkPlace place = after ? *after : start_of(filter.direction);
  auto walked = TRY(filter.metadata.empty() ? walk_by_status(organization, filter, place, size + 1)
                                            : LinkMetadata(tx_).walk(organization, filter, place, size + 1));
  walked.has_more = static_cast<std::int64_t>(walked.entries.size()) > size;
  if (walked.has_more) walked.entries.pop_back();
  return walked;
}

Result<Walked<PaymentLink>> LinkLists::walk_by_status(OrganizationId organization, const LinkFilter& filter,
                                                      const LinkPlace& after, std::int64_t limit) {
  const std::int64_t late = TRY(count_late(organization));
  auto values = branches(organization, tx_.now(), late > 0, statuses_of(filter));
  if (filter.order != LinkOrder::created) values.emplace_back(after.key);
  values.emplace_back(after.id);
  values.emplace_back(limit);
  const sql::Rows rows = TRY(tx_.query(walks.of(filter), sql::Values(values)));
  Walked<PaymentLink> walked;
  walked.entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) walked.entries.push_back(read_payment_link(rows[i]));
  sort(walked.entries, filter);
  return walked;
}

}  // namespace paylink::store
