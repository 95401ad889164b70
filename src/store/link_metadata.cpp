#include "store/link_metadata.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "crypto/digest.hpp"
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

constexpr std::string_view count_links = "SELECT COUNT(*)" WITH_PAIRS;
constexpr std::string_view oldest_first = LINKS_WITH_PAIRS("m.payment_link_id ASC");
constexpr std::string_view newest_first = LINKS_WITH_PAIRS("m.payment_link_id DESC");
constexpr std::string_view smallest_first = LINKS_WITH_PAIRS("m.amount_minor ASC, m.payment_link_id ASC");
constexpr std::string_view largest_first = LINKS_WITH_PAIRS("m.amount_minor DESC, m.payment_link_id DESC");
constexpr std::string_view soonest_first = LINKS_WITH_PAIRS("m.expiration_date ASC, m.payment_link_id ASC");
constexpr std::string_view latest_first = LINKS_WITH_PAIRS("m.expiration_date DESC, m.payment_link_id DESC");

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

// Enough of it to tell values apart, and no longer than an index likes.
std::string hash_of(std::string_view value) { return crypto::sha256(value).substr(0, hash_bytes); }

}  // namespace

Result<> LinkMetadata::insert(const PaymentLink& link, const Metadata& metadata) {
  for (const MetadataPair& pair : metadata)
    TRY(tx_.defer(insert_pair, {link.organization, pair.name, sql::Blob{hash_of(pair.value)}, link.id,
                                link.amount.minor_units(), link.expiration_date}));
  return {};
}

Result<Listed<PaymentLink>> LinkMetadata::list(OrganizationId organization, const LinkFilter& filter, Page page) {
  ENSURE(!filter.metadata.empty() && filter.metadata.size() <= filter_pairs_max);
  const auto wanted = [&](LinkStatus status) {
    return sql::as_flag(filter.statuses.empty() || std::ranges::count(filter.statuses, status) > 0);
  };
  std::vector<std::string> hashes;
  for (const MetadataPair& pair : filter.metadata) hashes.push_back(hash_of(pair.value));
  std::vector<sql::Value> values = {organization,
                                    filter.metadata[0].name,
                                    sql::Blob{hashes[0]},
                                    tx_.now(),
                                    wanted(LinkStatus::open),
                                    wanted(LinkStatus::expired),
                                    wanted(LinkStatus::canceled),
                                    wanted(LinkStatus::paid),
                                    wanted(LinkStatus::processing)};
  for (std::size_t i = 1; i < filter_pairs_max; ++i) {
    const bool given = i < filter.metadata.size();
    values.push_back(given ? sql::Value(filter.metadata[i].name) : sql::Value(sql::Null{}));
    values.push_back(given ? sql::Value(sql::Blob{hashes[i]}) : sql::Value(sql::Null{}));
  }
  const sql::Rows counted = TRY(tx_.query(count_links, sql::Values(values)));
  Listed<PaymentLink> listed{{}, counted.front().integer(0), page};
  if (page.offset() >= listed.total) return listed;
  values.emplace_back(page.size);
  values.emplace_back(page.offset());
  const sql::Rows rows = TRY(tx_.query(statement_of(filter), sql::Values(values)));
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_payment_link(rows[i]));
  return listed;
}

}  // namespace paylink::store
