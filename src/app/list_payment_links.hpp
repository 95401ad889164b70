#pragma once

#include <optional>
#include <string>

#include "app/caller.hpp"
#include "app/link_follower.hpp"
#include "app/page_ends.hpp"
#include "crypto/keyring.hpp"
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
  std::optional<std::string> cursor{};  // instead of the page's number: what comes after it, or after nothing
};

// By page number, with the total; or by cursor, with the one to go on with, and then nothing is counted.
struct ListedLinks {
  Listed<PaymentLink> links;
  bool is_walk = false;
  std::optional<std::string> next_cursor;  // absent at the end
};

// The caller's links; each status as of now. By cursor everything that was there at the beginning comes exactly once,
// whatever is created meanwhile, and costs the same wherever it is; whose status leaves the filter meanwhile does not
// come. So it is by number for whoever reads one page after the other, none of them more than a minute later, where one
// node serves.
class ListLinks {
 public:
  ListLinks(const crypto::KeyRing& keys, PageEnds& ends, LinkFollower& follower)
      : keys_(keys), ends_(ends), follower_(follower) {}

  Result<ListedLinks> operator()(const ListPaymentLinks& command, const Caller& caller, sql::Transaction& tx) const;

 private:
  Result<ListedLinks> by_cursor(const ListPaymentLinks& command, const Caller& caller, sql::Transaction& tx) const;
  Result<ListedLinks> by_number(const ListPaymentLinks& command, const Caller& caller, sql::Transaction& tx) const;

  const crypto::KeyRing& keys_;
  PageEnds& ends_;
  LinkFollower& follower_;
};

}  // namespace paylink::app
