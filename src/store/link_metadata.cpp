#include "store/link_metadata.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "crypto/digest.hpp"
#include "store/link_orders.hpp"
#include "store/payment_link_row.hpp"

namespace paylink::store {
namespace {

constexpr std::size_t hash_bytes = 16;

constexpr std::string_view insert_pair = R"sql(
  INSERT INTO payment_link_metadata (organization_id, name, value_hash, payment_link_id, amount_minor, expiration_date)
  VALUES ($1, $2, $3, $4, $5, $6)
)sql";

// A further pair; an absent one is met by every link. PostgreSQL wants to be told what it is that is NULL.
#define HAS_PAIR(name, value)                                                                            \
  " AND (CAST(" name                                                                                     \
  " AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM payment_link_metadata o WHERE o.organization_id = $1 AND " \
  "o.name = " name " AND o.value_hash = " value " AND o.payment_link_id = m.payment_link_id))"

// $4 is the time as of which a status counts, $5 to $9 say which are wanted.
#define WITH_PAIRS                                                                                              \
  " FROM payment_link_metadata m JOIN payment_links l ON l.organization_id = m.organization_id AND"             \
  " l.id = m.payment_link_id WHERE m.organization_id = $1 AND m.name = $2 AND m.value_hash = $3 AND"            \
  " ((l.status = 'open' AND $5 = 1 AND (l.expires_effective_at IS NULL OR l.expires_effective_at > $4)) OR"     \
  " (l.status = 'open' AND $6 = 1 AND l.expires_effective_at <= $4) OR (l.status = 'expired' AND $6 = 1) OR"    \
  " (l.status = 'canceled' AND $7 = 1) OR (l.status = 'paid' AND $8 = 1) OR (l.status = 'processing' AND $9 = " \
  "1))" HAS_PAIR("$10", "$11") HAS_PAIR("$12", "$13") HAS_PAIR("$14", "$15") HAS_PAIR("$16", "$17")

#define LINKS_WITH_PAIRS(order) \
  "SELECT " PAYMENT_LINK_COLUMNS("l.") WITH_PAIRS " ORDER BY " order " LIMIT $18 OFFSET $19"

#define LINKS_WITH_PAIRS_AFTER_ID(order, after) \
  "SELECT " PAYMENT_LINK_COLUMNS("l.") WITH_PAIRS " AND m.payment_link_id " after " $18 ORDER BY " order " LIMIT $19"
#define LINKS_WITH_PAIRS_AFTER(key, order, after)                                            \
  "SELECT " PAYMENT_LINK_COLUMNS("l.") WITH_PAIRS " AND (" key ", m.payment_link_id) " after \
                                                  " ($18, $19) ORDER BY " order " LIMIT $20"

constexpr std::string_view count_links = "SELECT COUNT(*)" WITH_PAIRS;
constexpr LinkOrders pages{
    .oldest_first = LINKS_WITH_PAIRS("m.payment_link_id ASC"),
    .newest_first = LINKS_WITH_PAIRS("m.payment_link_id DESC"),
    .smallest_first = LINKS_WITH_PAIRS("m.amount_minor ASC, m.payment_link_id ASC"),
    .largest_first = LINKS_WITH_PAIRS("m.amount_minor DESC, m.payment_link_id DESC"),
    .soonest_first = LINKS_WITH_PAIRS("m.expiration_date ASC, m.payment_link_id ASC"),
    .latest_first = LINKS_WITH_PAIRS("m.expiration_date DESC, m.payment_link_id DESC"),
};

constexpr LinkOrders walks{
    .oldest_first = LINKS_WITH_PAIRS_AFTER_ID("m.payment_link_id ASC", ">"),
    .newest_first = LINKS_WITH_PAIRS_AFTER_ID("m.payment_link_id DESC", "<"),
    .smallest_first = LINKS_WITH_PAIRS_AFTER("m.amount_minor", "m.amount_minor ASC, m.payment_link_id ASC", ">"),
    .largest_first = LINKS_WITH_PAIRS_AFTER("m.amount_minor", "m.amount_minor DESC, m.payment_link_id DESC", "<"),
    .soonest_first = LINKS_WITH_PAIRS_AFTER("m.expiration_date", "m.expiration_date ASC, m.payment_link_id ASC", ">"),
    .latest_first = LINKS_WITH_PAIRS_AFTER("m.expiration_date", "m.expiration_date DESC, m.payment_link_id DESC", "<"),
};

// Enough of it to tell values apart, and no longer than an index likes.
std::string hash_of(std::string_view value) { return crypto::sha256(value).substr(0, hash_bytes); }

// $1 to $17 of every statement above.
std::vector<sql::Value> conditions(OrganizationId organization, const LinkFilter& filter, Time now,
                                   const std::vector<std::string>& hashes) {
  const auto wanted = [&](LinkStatus status) {
    return sql::as_flag(filter.statuses.empty() || std::ranges::count(filter.statuses, status) > 0);
  };
  std::vector<sql::Value> values = {organization,
                                    filter.metadata[0].name,
                                    sql::Blob{hashes[0]},
                                    now,
                                    wanted(LinkStatus::open),
                                    wanted(LinkStatus::expired),
                                    wanted(LinkStatus::canceled),
                                    wanted(LinkStatus::paid),
                                    wanted(LinkStatus::processing)};
  for (std::size_t i = 1; i < LinkMetadata::filter_pairs_max; ++i) {
    const bool given = i < filter.metadata.size();
    values.push_back(given ? sql::Value(filter.metadata[i].name) : sql::Value(sql::Null{}));
    values.push_back(given ? sql::Value(sql::Blob{hashes[i]}) : sql::Value(sql::Null{}));
  }
  return values;
}

// To be kept for as long as the values are used.
std::vector<std::string> hashes_of(const LinkFilter& filter) {
  ENSURE(!filter.metadata.empty() && filter.metadata.size() <= LinkMetadata::filter_pairs_max);
  std::vector<std::string> hashes;
  for (const MetadataPair& pair : filter.metadata) hashes.push_back(hash_of(pair.value));
  return hashes;
}

}  // namespace

Result<> LinkMetadata::insert(const PaymentLink& link, const Metadata& metadata) {
  for (const MetadataPair& pair : metadata)
    TRY(tx_.defer(insert_pair, {link.organization, pair.name, sql::Blob{hash_of(pair.value)}, link.id,
                                link.amount.minor_units(), link.expiration_date}));
  return {};
}

Result<Listed<PaymentLink>> LinkMetadata::list(OrganizationId organization, const LinkFilter& filter, Page page) {
  const auto hashes = hashes_of(filter);
  auto values = conditions(organization, filter, tx_.now(), hashes);
  const sql::Rows counted = TRY(tx_.query(count_links, sql::Values(values)));
  Listed<PaymentLink> listed{{}, counted.front().integer(0), page};
  if (page.offset() >= listed.total) return listed;
  values.emplace_back(page.size);
  values.emplace_back(page.offset());
  const sql::Rows rows = TRY(tx_.query(pages.of(filter.order, filter.direction), sql::Values(values)));
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_payment_link(rows[i]));
  return listed;
}

Result<Walked<PaymentLink>> LinkMetadata::walk(OrganizationId organization, const LinkFilter& filter,
                                               const LinkPlace& after, std::int64_t limit) {
  const auto hashes = hashes_of(filter);
  auto values = conditions(organization, filter, tx_.now(), hashes);
  if (filter.order != LinkOrder::created) values.emplace_back(after.key);
  values.emplace_back(after.id);
  values.emplace_back(limit);
  const sql::Rows rows = TRY(tx_.query(walks.of(filter.order, filter.direction), sql::Values(values)));
  Walked<PaymentLink> walked;
  for (std::size_t i = 0; i < rows.size(); ++i) walked.entries.push_back(read_payment_link(rows[i]));
  return walked;
}

}  // namespace paylink::store
