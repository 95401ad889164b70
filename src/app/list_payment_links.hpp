#pragma once

#include "app/caller.hpp"
#include "domain/filters.hpp"
#include "domain/payment_link.hpp"
#include "sql/transaction.hpp"
#include "store/link_metadata.hpp"

namespace paylink::app {

// Pairs of metadata in one filter.
constexpr std::size_t metadata_filters_max = store::LinkMetadata::filter_pairs_max;

struct ListPaymentLinks {
  LinkFilter filter;
  Page page;
};

// The caller's links; each status as of now.
Result<Listed<PaymentLink>> list_payment_links(const ListPaymentLinks& command, const Caller& caller,
                                               sql::Transaction& tx);

}  // namespace paylink::app
