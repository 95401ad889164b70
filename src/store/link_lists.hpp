#pragma once

#include <optional>
#include <vector>

#include "domain/filters.hpp"
#include "domain/page.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// Lists of an organization's links. Every filter and every count goes by the status as of now: the stored one may lag
// the clock.
class LinkLists {
 public:
  explicit LinkLists(sql::Transaction& tx) : tx_(tx) {}

  // At most LinkMetadata::filter_pairs_max pairs of metadata.
  Result<Listed<PaymentLink>> list(OrganizationId organization, const LinkFilter& filter, Page page);
  // At most `size` links that come after a place in the order of the list, or the first ones. Costs the same wherever
  // that is.
  Result<Walked<PaymentLink>> walk(OrganizationId organization, const LinkFilter& filter,
                                   const std::optional<LinkPlace>& after, std::int64_t size);

 private:
  Result<Listed<PaymentLink>> list_by_status(OrganizationId organization, const LinkFilter& filter, Page page);
  Result<Walked<PaymentLink>> walk_by_status(OrganizationId organization, const LinkFilter& filter,
                                             const LinkPlace& after, std::int64_t limit);
  Result<std::int64_t> count_late(OrganizationId organization);
  Result<std::int64_t> count(OrganizationId organization, const std::vector<LinkStatus>& statuses, std::int64_t late);

  sql::Transaction& tx_;
};

}  // namespace paylink::store
