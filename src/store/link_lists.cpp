#include "store/link_lists.hpp"

#include <algorithm>
#include <limits>

#include "store/link_keys.hpp"
#include "store/link_metadata.hpp"
#include "store/link_orders.hpp"
#include "store/payment_link_row.hpp"

namespace paylink::store {
namespace {

// The rows of a page, in any order: an index finds the keys, and `found_by` (a column, `read` from the table so) with
// them the rows, as `join` says.
#define ROWS_OF(join, keys) "SELECT " PAYMENT_LINK_COLUMNS("l.") " FROM (" keys ") k JOIN payment_links l ON " join

// Several statuses are a merge: each branch reads one range of an index in the wanted order, and what no page needs is
// not read, and of those on the page the rows are looked up. PostgreSQL merges only branches that say their order. A
// branch whose status is not wanted ends before it begins.
#define BRANCH(name, condition, keys, found_by, order, after) \
  "SELECT key_id, sort_key, " found_by " FROM (SELECT " keys  \
  " FROM payment_links WHERE organization_id = $1 AND " condition after " ORDER BY " order ") AS " name
#define CLOSED(canceled, paid, processing, ...)                                                                   \
  " UNION ALL " BRANCH("canceled", "status = 'canceled' AND " canceled " = 1", __VA_ARGS__) " UNION ALL " BRANCH( \
      "paid", "status = 'paid' AND " paid " = 1",                                                                 \
      __VA_ARGS__) " UNION ALL " BRANCH("processing", "status = 'processing' AND " processing " = 1", __VA_ARGS__)

// Which keys are read: `keys`, of those that come `after` a place, in an order. The place's id is $2, its key the last
// parameter; $3 and $4 are limit and offset.
#define ONE(keys, found_by, order, after) \
  "SELECT " keys " FROM payment_links WHERE organization_id = $1 AND status = $5" after " ORDER BY " order
#define STORED(keys, found_by, order, after)                                                     \
  BRANCH("open", "status = 'open' AND $5 = 1", keys, found_by, order, after)                     \
  " UNION ALL " BRANCH("expired", "status = 'expired' AND $6 = 1", keys, found_by, order, after) \
      CLOSED("$7", "$8", "$9", keys, found_by, order, after) " ORDER BY " order
// Late links told from open ones. What is few is found by the date and sorted; of many the first are met soon enough in
// the order of the list, which the plus sign makes engines take.
#define OPEN_FOUND(keys, found_by, order, after)                                                                 \
  BRANCH("not_late", "status = 'open' AND expires_effective_at > $5", keys, found_by, order, after)              \
  " UNION ALL " BRANCH("held", "status = 'open' AND expires_effective_at IS NULL", keys, found_by, order, after) \
      CLOSED("$6", "$7", "$8", keys, found_by, order, after) " ORDER BY " order
#define OPEN_WALKED(keys, found_by, order, after)                                                              \
  BRANCH("not_late", "status = 'open' AND (expires_effective_at IS NULL OR +expires_effective_at > $5)", keys, \
         found_by, order, after)                                                                               \
  CLOSED("$6", "$7", "$8", keys, found_by, order, after) " ORDER BY " order
#define EXPIRED(late, keys, found_by, order, after)                                   \
  BRANCH("late", "status = 'open' AND " late " <= $5", keys, found_by, order, after)  \
  " UNION ALL " BRANCH("expired", "status = 'expired'", keys, found_by, order, after) \
      CLOSED("$6", "$7", "$8", keys, found_by, order, after) " ORDER BY " order
#define EXPIRED_FOUND(...) EXPIRED("expires_effective_at", __VA_ARGS__)
#define EXPIRED_WALKED(...) EXPIRED("+expires_effective_at", __VA_ARGS__)

#define BY_ID(which, read, found_by, join, order, after) \
  ROWS_OF(join,                                          \
          which("id AS key_id, id AS sort_key, " read, found_by, order, " AND id " after " $2") " LIMIT $3 OFFSET $4")
#define BY_KEY(which, place, read, found_by, join, key, order, after)              \
  ROWS_OF(join, which("id AS key_id, " key " AS sort_key, " read, found_by, order, \
                      " AND (" key ", id) " after " (" place ", $2)") " LIMIT $3 OFFSET $4")
// `place`: the parameter that is the place's key.
#define IN_EACH_ORDER(which, place, ...)                                                           \
  {                                                                                                \
      .oldest_first = BY_ID(which, __VA_ARGS__, "1 ASC", ">"),                                     \
      .newest_first = BY_ID(which, __VA_ARGS__, "1 DESC", "<"),                                    \
      .smallest_first = BY_KEY(which, place, __VA_ARGS__, "amount_minor", "2 ASC, 1 ASC", ">"),    \
      .largest_first = BY_KEY(which, place, __VA_ARGS__, "amount_minor", "2 DESC, 1 DESC", "<"),   \
      .soonest_first = BY_KEY(which, place, __VA_ARGS__, "expiration_date", "2 ASC, 1 ASC", ">"),  \
      .latest_first = BY_KEY(which, place, __VA_ARGS__, "expiration_date", "2 DESC, 1 DESC", "<"), \
  }
// Without statuses to merge.
#define ALL_LINKS_AFTER(read, join, order, after)                                                           \
  ROWS_OF(join, "SELECT id AS key_id, " read " FROM payment_links WHERE organization_id = $1 AND id " after \
                " $2 ORDER BY id " order " LIMIT $3 OFFSET $4")

struct ListStatements {
  LinkOrders one, stored, open_found, open_walked, expired_found, expired_walked;
  std::string_view all_oldest_first, all_newest_first;

  std::string_view all(Direction direction) const {
    return direction == Direction::ascending ? all_oldest_first : all_newest_first;
  }
  const LinkOrders& of(LinkReading reading) const {
    switch (reading) {
      case LinkReading::one:
        return one;
      case LinkReading::open_found:
        return open_found;
      case LinkReading::open_walked:
        return open_walked;
      case LinkReading::expired_found:
        return expired_found;
      case LinkReading::expired_walked:
        return expired_walked;
      case LinkReading::all:
      case LinkReading::stored:
        break;
    }
    return stored;
  }
};

#define LIST_STATEMENTS(read, found_by, join)                                      \
  {                                                                                \
      .one = IN_EACH_ORDER(ONE, "$6", read, found_by, join),                       \
      .stored = IN_EACH_ORDER(STORED, "$10", read, found_by, join),                \
      .open_found = IN_EACH_ORDER(OPEN_FOUND, "$9", read, found_by, join),         \
      .open_walked = IN_EACH_ORDER(OPEN_WALKED, "$9", read, found_by, join),       \
      .expired_found = IN_EACH_ORDER(EXPIRED_FOUND, "$9", read, found_by, join),   \
      .expired_walked = IN_EACH_ORDER(EXPIRED_WALKED, "$9", read, found_by, join), \
      .all_oldest_first = ALL_LINKS_AFTER(read, join, "ASC", ">"),                 \
      .all_newest_first = ALL_LINKS_AFTER(read, join, "DESC", "<"),                \
  }

// Joined by the organization of the key: if it were said once more whose rows are meant, a PostgreSQL whose statistics
// are of many small organizations would read all rows of a large one.
constexpr ListStatements by_id =
    LIST_STATEMENTS("organization_id", "organization_id", "l.organization_id = k.organization_id AND l.id = k.key_id");
// The rows of a page by amount lie anywhere: half as many pages of the file have to be looked at.
constexpr ListStatements by_row_number =
    LIST_STATEMENTS("rowid AS row_number", "row_number", "l.rowid = k.row_number AND l.organization_id = $1");

constexpr std::int64_t count_all = std::numeric_limits<std::int64_t>::max();

void sort(std::vector<PaymentLink>& links, const LinkFilter& filter) {
  const auto key = [&](const PaymentLink& link) {
    const LinkPlace place = place_of(link, filter.order);
    return std::pair(place.key, place.id);
  };
  std::ranges::sort(links, {}, key);
  if (filter.direction == Direction::descending) std::ranges::reverse(links);
}

bool wants(const LinkFilter& filter, LinkStatus status) {
  return filter.statuses.empty() || std::ranges::count(filter.statuses, status) > 0;
}

// Whether a list is one range of an index already, and no merge of several: all links by creation.
bool is_one_range(const LinkFilter& filter) {
  const auto is_wanted = [&](const auto& row) { return wants(filter, row.first); };
  return filter.order == LinkOrder::created && std::ranges::all_of(link_status_names.rows, is_wanted);
}

// Whether it matters to a list which of the open links are late: they are not open, and expired.
bool tells_late(const LinkFilter& filter) {
  return wants(filter, LinkStatus::open) != wants(filter, LinkStatus::expired);
}

// So many times as many others are walked past rather than these are sorted.
constexpr std::int64_t worth_walking = 64;

LinkReading reading_of(const LinkFilter& filter, std::int64_t late, std::int64_t open) {
  if (is_one_range(filter)) return LinkReading::all;
  const auto are_few = [](std::int64_t these, std::int64_t others) {
    return these <= std::max(many_late, others / worth_walking);
  };
  if (late > 0 && wants(filter, LinkStatus::open))
    return are_few(open - late, late) ? LinkReading::open_found : LinkReading::open_walked;
  if (late > 0) return are_few(late, open - late) ? LinkReading::expired_found : LinkReading::expired_walked;
  const auto is_wanted = [&](const auto& row) { return wants(filter, row.first); };
  return std::ranges::count_if(link_status_names.rows, is_wanted) == 1 ? LinkReading::one : LinkReading::stored;
}

// Takes away the one that was read only to see whether there is one.
bool cut(std::vector<PaymentLink>& links, std::int64_t size) {
  const bool has_more = static_cast<std::int64_t>(links.size()) > size;
  if (has_more) links.pop_back();
  return has_more;
}

Direction opposite(Direction direction) {
  return direction == Direction::ascending ? Direction::descending : Direction::ascending;
}

std::int64_t open_in(const LinkCounts::Counts& counts) {
  return counts.links[static_cast<std::size_t>(LinkStatus::open)];
}

}  // namespace

// From the last mark that is not later than now. Many are counted once: then there is a mark.
Result<std::int64_t> LinkLists::count_late(OrganizationId organization, const LinkFilter& filter,
                                           const LinkCounts::Counts& counts) {
  if (!tells_late(filter)) return 0;
  LinkKeys keys(tx_, organization, filter.order);
  if (marks_ == nullptr) return keys.count_late(std::numeric_limits<std::int64_t>::min(), count_all);
  const std::int64_t few = TRY(keys.count_late(std::numeric_limits<std::int64_t>::min(), marks_->stride()));
  if (few < marks_->stride()) return few;
  const LinkPlace now{to_microseconds(tx_.now()), start_of(Direction::descending).id};
  const auto view = TRY(view_marks(*marks_, organization, MarkOrder::expiry, counts, tx_));
  const auto is_later = [&](const LinkMarks::Mark& mark) { return comes_before(now, mark.place); };
  const auto gap = view ? marks_->around(*view, is_later) : std::nullopt;
  if (!gap) return keys.count_late(std::numeric_limits<std::int64_t>::min(), count_all);
  constexpr auto open = static_cast<std::size_t>(LinkStatus::open);
  LinkMarks::Mark mark{now, gap->first.before};
  const std::int64_t since = TRY(keys.count_late(gap->first.place.key, count_all));
  mark.before[open] += since;
  if (since > marks_->stride()) marks_->put(*view, mark);
  return std::max<std::int64_t>(mark.before[open], 0);
}

std::vector<LinkRange> LinkLists::ranges(const LinkFilter& filter, const LinkCounts::Counts& counts,
                                         std::int64_t late) {
  std::vector<LinkRange> ranges;
  for (const auto& [status, name] : link_status_names.rows)
    if (wants(filter, status))
      ranges.push_back({status, Late::with, std::max<std::int64_t>(counts.links[static_cast<std::size_t>(status)], 0)});
  if (late == 0) return ranges;
  if (wants(filter, LinkStatus::expired)) {
    ranges.push_back({LinkStatus::open, Late::only, late});
    return ranges;
  }
  LinkRange& open = *std::ranges::find(ranges, LinkStatus::open, &LinkRange::stored);
  open.late = Late::without;
  open.links = std::max<std::int64_t>(open.links - late, 0);
  return ranges;
}

Result<Listed<PaymentLink>> LinkLists::list(OrganizationId organization, const LinkFilter& filter, Page page,
                                            const std::optional<LinkPlace>& after) {
  if (filter.metadata.empty()) return list_by_status(organization, filter, page, after);
  return LinkMetadata(tx_).list(organization, filter, page);
}

Result<Listed<PaymentLink>> LinkLists::list_by_status(OrganizationId organization, const LinkFilter& filter, Page page,
                                                      const std::optional<LinkPlace>& after) {
  const LinkCounts::Counts counts = TRY(LinkCounts(tx_).find(organization));
  const std::int64_t late = TRY(count_late(organization, filter, counts));
  auto ranges = this->ranges(filter, counts, late);
  Listed<PaymentLink> listed{{}, 0, page};
  for (const LinkRange& range : ranges) listed.total += range.links;
  const LinkReading reading = reading_of(filter, late, open_in(counts));
  if (after) {
    listed.entries = TRY(read({organization, filter, filter.direction, reading, {*after, 0}, page.size + 1}));
    listed.has_more = cut(listed.entries, page.size);
    return listed;
  }
  if (page.offset() >= listed.total) return listed;
  const std::int64_t limit = std::min(page.size, listed.total - page.offset());
  const std::int64_t behind = listed.total - page.offset() - limit;
  // From the end that is nearer.
  const bool backwards = behind < page.offset();
  Span span{organization, filter, backwards ? opposite(filter.direction) : filter.direction, reading, {}, limit};
  const std::int64_t skip = backwards ? behind : page.offset();
  LinkRanges places(tx_, {organization, filter.order, std::move(ranges), is_one_range(filter)}, counts, marks_);
  span.start = TRY(places.find(span.direction, skip));
  listed.entries = TRY(read(span));
  return listed;
}

Result<Walked<PaymentLink>> LinkLists::walk(OrganizationId organization, const LinkFilter& filter,
                                            const std::optional<LinkPlace>& after, std::int64_t size) {
  const LinkPlace place = after ? *after : start_of(filter.direction);
  auto walked = TRY(filter.metadata.empty() ? walk_by_status(organization, filter, place, size + 1)
                                            : LinkMetadata(tx_).walk(organization, filter, place, size + 1));
  walked.has_more = cut(walked.entries, size);
  return walked;
}

Result<Walked<PaymentLink>> LinkLists::walk_by_status(OrganizationId organization, const LinkFilter& filter,
                                                      const LinkPlace& after, std::int64_t limit) {
  LinkCounts::Counts counts{};
  if (tells_late(filter)) counts = TRY(LinkCounts(tx_).find(organization));
  const std::int64_t late = TRY(count_late(organization, filter, counts));
  const LinkReading reading = reading_of(filter, late, open_in(counts));
  return Walked<PaymentLink>{TRY(read({organization, filter, filter.direction, reading, {after, 0}, limit})), false};
}

Result<std::vector<PaymentLink>> LinkLists::read(const Span& span) {
  const auto& [organization, filter, direction, reading, start, limit] = span;
  std::vector<sql::Value> values = {organization, start.after.id, limit, start.skip};
  const auto add_flag = [&](LinkStatus status) { values.emplace_back(sql::as_flag(wants(filter, status))); };
  if (reading == LinkReading::one)
    values.emplace_back(link_status_names.name(filter.statuses.front()));
  else if (reading == LinkReading::stored)
    for (const LinkStatus status : {LinkStatus::open, LinkStatus::expired}) add_flag(status);
  else if (reading != LinkReading::all)
    values.emplace_back(tx_.now());
  if (reading != LinkReading::one && reading != LinkReading::all)
    for (const LinkStatus status : {LinkStatus::canceled, LinkStatus::paid, LinkStatus::processing}) add_flag(status);
  if (filter.order != LinkOrder::created) values.emplace_back(start.after.key);
  const ListStatements& statements = tx_.has_row_numbers() ? by_row_number : by_id;
  const std::string_view statement =
      reading == LinkReading::all ? statements.all(direction) : statements.of(reading).of(filter.order, direction);
  const bool is_sorted = reading == LinkReading::open_found || reading == LinkReading::expired_found;
  const sql::Rows rows =
      TRY(is_sorted ? tx_.query(statement, sql::Values(values)) : tx_.walk(statement, sql::Values(values)));
  std::vector<PaymentLink> links;
  links.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) links.push_back(read_payment_link(rows[i]));
  sort(links, filter);
  return links;
}

std::vector<std::string_view> list_statements(bool has_row_numbers) {
  const ListStatements& statements = has_row_numbers ? by_row_number : by_id;
  std::vector<std::string_view> all = {statements.all_oldest_first, statements.all_newest_first};
  for (const LinkOrders& reading : {statements.one, statements.stored, statements.open_found, statements.open_walked,
                                    statements.expired_found, statements.expired_walked})
    for (const auto order : {LinkOrder::created, LinkOrder::amount, LinkOrder::expiration_date})
      for (const auto direction : {Direction::ascending, Direction::descending})
        all.push_back(reading.of(order, direction));
  return all;
}

}  // namespace paylink::store
