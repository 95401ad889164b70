#pragma once

#include <vector>

#include "domain/filters.hpp"
#include "domain/metadata.hpp"
#include "domain/page.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// Finds links by what was kept with them; the pairs themselves are part of the link.
class LinkMetadata {
 public:
  explicit LinkMetadata(sql::Transaction& tx) : tx_(tx) {}

  // How many pairs of a filter are looked at: the first finds the links, the others are checked one by one.
  static constexpr std::size_t filter_pairs_max = 5;

  Result<> insert(const PaymentLink& link, const Metadata& metadata);
  // A page of the links that have all pairs of `filter.metadata`, which is not empty and has at most filter_pairs_max.
  // Costs what the links with the first pair cost, whatever else there is.
  Result<Listed<PaymentLink>> list(OrganizationId organization, const LinkFilter& filter, Page page);
  // At most `limit` of them that come after a place; `has_more` is left as it is.
  Result<Walked<PaymentLink>> walk(OrganizationId organization, const LinkFilter& filter, const LinkPlace& after,
                                   std::int64_t limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
