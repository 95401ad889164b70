#pragma once

#include <cstdint>
#include <vector>

#include "domain/attempt.hpp"
#include "domain/link_status.hpp"
#include "domain/metadata.hpp"
#include "domain/page.hpp"
#include "domain/payment_link.hpp"

namespace paylink {

// Amounts are ordered by their minor units, whatever the currency. Equal ones are in the order of their ids, which is
// that of their creation, in the same direction.
enum class LinkOrder : std::uint8_t { created, amount, expiration_date };

struct LinkFilter {
  std::vector<LinkStatus> statuses;  // empty: all
  LinkOrder order = LinkOrder::created;
  Direction direction = Direction::descending;
  Metadata metadata{};  // links that have all of these
};

// The place of a link in the order of a list. It stays where it is, whatever is created meanwhile.
struct LinkPlace {
  std::int64_t key = 0;  // by what the list is ordered: minor units, or microseconds since 1970; 0 by creation
  PaymentLinkId id;

  bool operator==(const LinkPlace&) const = default;
};

LinkPlace place_of(const PaymentLink& link, LinkOrder order);

// In the order of creation.
struct AttemptFilter {
  std::vector<AttemptState> states;  // empty: all
  Direction direction = Direction::descending;
};

}  // namespace paylink
