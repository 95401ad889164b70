#pragma once

#include <optional>

#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

class PaymentLinks {
 public:
  explicit PaymentLinks(sql::Transaction& tx) : tx_(tx) {}

  Result<> insert(const PaymentLink& link);
  // Fail with `not_found` when the link is absent or another organization's: the two look the same from outside.
  Result<PaymentLink> find(OrganizationId organization, PaymentLinkId id);
  Result<PaymentLink> find_by_resource(OrganizationId organization, Uuid resource_id);
  // The same, held until the transaction ends. Whoever changes a link, or what hangs on it (attempts, captures,
  // refunds), holds the link first: then nobody else decides anything about it meanwhile.
  Result<PaymentLink> find_for_update(OrganizationId organization, PaymentLinkId id);
  Result<PaymentLink> find_by_resource_for_update(OrganizationId organization, Uuid resource_id);
  // `before` is what is stored until now: lists count links by it.
  struct Stored {
    LinkStatus status;
    std::optional<Time> expires_effective_at;
  };
  static Stored stored(const PaymentLink& link) { return {link.status, link.expires_effective_at}; }
  Result<> update_status(const PaymentLink& link, const Stored& before);
  // Stores `expired` on at most `limit` open links whose time is over; returns them.
  Result<std::vector<PaymentLink>> expire_due(int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
