#include "store/link_lists.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "store/link_metadata.hpp"
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
#define KEYS_OF_PAGE(keys, order)                                                                                \
  BRANCH("open", keys, order,                                                                                    \
         "status = 'open' AND $4 = 1 AND ($3 = 0 OR expires_effective_at IS NULL OR expires_effective_at > $2)") \
  " UNION ALL " BRANCH("late", keys, order,                                                                      \
                       "status = 'open' AND $5 = 1 AND $3 = 1 AND expires_effective_at <= $2")                   \
  " UNION ALL " BRANCH("expired", keys, order, "status = 'expired' AND $5 = 1")                                  \
  " UNION ALL " BRANCH("canceled", keys, order, "status = 'canceled' AND $6 = 1")                                \
  " UNION ALL " BRANCH("paid", keys, order, "status = 'paid' AND $7 = 1")                                        \
  " UNION ALL " BRANCH("processing", keys, order, "status = 'processing' AND $8 = 1")                            \
  " ORDER BY " order " LIMIT $9 OFFSET $10"
// The rows of a page, in any order.
#define LINK_LIST(key, order) \
  "SELECT " PAYMENT_LINK_COLUMNS("l.") " FROM (" KEYS_OF_PAGE("id AS key_id, " key " AS sort_key", order) ") k" \
  " JOIN payment_links l ON l.organization_id = $1 AND l.id = k.key_id"

constexpr std::string_view oldest_first = LINK_LIST("id", "1 ASC");
constexpr std::string_view newest_first = LINK_LIST("id", "1 DESC");
constexpr std::string_view smallest_first = LINK_LIST("amount_minor", "2 ASC, 1 ASC");
constexpr std::string_view largest_first = LINK_LIST("amount_minor", "2 DESC, 1 DESC");
constexpr std::string_view soonest_first = LINK_LIST("expiration_date", "2 ASC, 1 ASC");
constexpr std::string_view latest_first = LINK_LIST("expiration_date", "2 DESC, 1 DESC");

constexpr std::string_view count_late_links =
    "SELECT COUNT(*) FROM payment_links WHERE organization_id = $1 AND status = 'open' AND expires_effective_at <= $2";

constexpr std::string_view count_links =
    "SELECT COUNT(*) FROM payment_links WHERE organization_id = $1 AND status = $2";

std::string_view statement_of(const LinkFilter& filter) {
  const bool ascending = filter.direction == Direction::ascending;
  switch (filter.order) {
    case LinkOrder::amount:
      return ascending ? smallest_first : largest_first;
    case LinkOrder::expiration_date:
      return ascending ? soonest_first : latest_first;
    case LinkOrder::created:
      return ascending ? oldest_first : newest_first;
  }
  ENSURE(false && "every order has a statement");
  return {};
}

void sort(std::vector<PaymentLink>& links, const LinkFilter& filter) {
  const auto key = [&](const PaymentLink& link) {
    std::int64_t first = 0;
    if (filter.order == LinkOrder::amount) first = link.amount.minor_units();
    if (filter.order == LinkOrder::expiration_date) first = to_microseconds(link.expiration_date);
    return std::pair(first, link.id);
  };
  std::ranges::sort(links, {}, key);
  if (filter.direction == Direction::descending) std::ranges::reverse(links);
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
  std::vector<LinkStatus> statuses = filter.statuses;
  if (statuses.empty())
    for (const auto& row : link_status_names.rows) statuses.push_back(row.first);
  const auto wanted = [&](LinkStatus status) { return sql::as_flag(std::ranges::count(statuses, status) > 0); };
  const std::int64_t late = TRY(count_late(organization));
  Listed<PaymentLink> listed{{}, 0, page};
  listed.total = TRY(count(organization, statuses, late));
  if (page.offset() >= listed.total) return listed;
  const sql::Rows rows = TRY(tx_.query(
      statement_of(filter), {organization, tx_.now(), sql::as_flag(late > 0), wanted(LinkStatus::open),
                             wanted(LinkStatus::expired), wanted(LinkStatus::canceled), wanted(LinkStatus::paid),
                             wanted(LinkStatus::processing), page.size, page.offset()}));
  listed.entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_payment_link(rows[i]));
  sort(listed.entries, filter);
  return listed;
}

}  // namespace paylink::store
