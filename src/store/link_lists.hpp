#pragma once

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

 private:
  Result<Listed<PaymentLink>> list_by_status(OrganizationId organization, const LinkFilter& filter, Page page);
  Result<std::int64_t> count_late(OrganizationId organization);
  Result<std::int64_t> count(OrganizationId organization, const std::vector<LinkStatus>& statuses, std::int64_t late);

  sql::Transaction& tx_;
};

}  // namespace paylink::store
