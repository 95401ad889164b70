#include "store/link_counts.hpp"

#include "base/ensure.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view add_links = R"sql(
  INSERT INTO payment_link_counts (organization_id, status, part, links) VALUES ($1, $2, $3, $4)
  ON CONFLICT (organization_id, status, part) DO UPDATE SET links = payment_link_counts.links + excluded.links
)sql";

constexpr std::string_view select_parts = "SELECT status, links FROM payment_link_counts WHERE organization_id = $1";

}  // namespace

Result<> LinkCounts::add(OrganizationId organization, LinkStatus status, std::int64_t links) {
  return tx_.add(add_links, organization.uuid(), link_status_names.name(status), links);
}

Result<LinkCounts::ByStatus> LinkCounts::find(OrganizationId organization) {
  const sql::Rows parts = TRY(tx_.query(select_parts, {organization}));
  ByStatus counts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto status = link_status_names.parse(parts[i].text(0));
    ENSURE(status.has_value());
    counts[static_cast<std::size_t>(*status)] += parts[i].integer(1);
  }
  return counts;
}

}  // namespace paylink::store
