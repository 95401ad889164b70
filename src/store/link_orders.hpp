#pragma once

#include <string_view>

#include "base/ensure.hpp"
#include "domain/filters.hpp"

namespace paylink::store {

// One statement for each order that a list of links can have.
struct LinkOrders {
  std::string_view oldest_first, newest_first, smallest_first, largest_first, soonest_first, latest_first;

  std::string_view of(LinkOrder order, Direction direction) const {
    const bool ascending = direction == Direction::ascending;
    switch (order) {
      case LinkOrder::amount:
        return ascending ? smallest_first : largest_first;
      case LinkOrder::expiration_date:
        return ascending ? soonest_first : latest_first;
      case LinkOrder::created:
        return ascending ? oldest_first : newest_first;
    }
    ENSURE(false && "every order has a statement");
    return {};
  }
};

}  // namespace paylink::store
