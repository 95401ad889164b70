#pragma once

#include <array>
#include <cstdint>

#include "domain/link_status.hpp"
#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// How many links an organization has in each stored status: exact, and free at any size.
class LinkCounts {
 public:
  // By status, in the order of their names.
  using ByStatus = std::array<std::int64_t, link_status_names.rows.size()>;

  explicit LinkCounts(sql::Transaction& tx) : tx_(tx) {}

  // In the transaction that changes as many links.
  Result<> add(OrganizationId organization, LinkStatus status, std::int64_t links);
  Result<ByStatus> find(OrganizationId organization);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
