#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "domain/link_status.hpp"
#include "domain/organization.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// How many links an organization has in each stored status: exact, and free at any size.
class LinkCounts {
 public:
  // By status, in the order of their names.
  using ByStatus = std::array<std::int64_t, link_status_names.rows.size()>;

  struct Counts {
    ByStatus links{};
    ByStatus changes{};  // in how many transactions each was changed

    bool operator==(const Counts&) const = default;
  };

  explicit LinkCounts(sql::Transaction& tx) : tx_(tx) {}

  // In the transaction that changes the link: `links` is 1, or -1 when it leaves the status.
  // Its time of expiry is that it has, or had, while it is counted so.
  Result<> add(const PaymentLink& link, LinkStatus status, const std::optional<Time>& expires_effective_at,
               std::int64_t links);
  Result<Counts> find(OrganizationId organization);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
