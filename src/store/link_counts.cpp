#include "store/link_counts.hpp"

#include <limits>

#include "base/ensure.hpp"
#include "domain/filters.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view add_links = R"sql(
  INSERT INTO payment_link_counts (organization_id, status, part, links, changes) VALUES ($1, $2, $3, $4, 1)
  ON CONFLICT (organization_id, status, part) DO UPDATE
    SET links = payment_link_counts.links + excluded.links, changes = payment_link_counts.changes + 1
)sql";

constexpr std::string_view select_parts =
    "SELECT status, links, changes FROM payment_link_counts WHERE organization_id = $1";

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<> LinkCounts::add(const PaymentLink& link, LinkStatus status, const std::optional<Time>& expires_effective_at,
                         std::int64_t links) {
  const sql::Entry entry{link.id.uuid(),
                         {place_of(link, LinkOrder::amount).key, place_of(link, LinkOrder::expiration_date).key,
                          expires_effective_at ? to_microseconds(*expires_effective_at) : never}};
  return tx_.add(add_links, link.organization.uuid(), link_status_names.name(status), links, entry);
}

Result<LinkCounts::Counts> LinkCounts::find(OrganizationId organization) {
  const sql::Rows parts = TRY(tx_.query(select_parts, {organization}));
  Counts counts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto status = link_status_names.parse(parts[i].text(0));
    ENSURE(status.has_value());
    counts.links[static_cast<std::size_t>(*status)] += parts[i].integer(1);
    counts.changes[static_cast<std::size_t>(*status)] += parts[i].integer(2);
  }
  return counts;
}

}  // namespace paylink::store
