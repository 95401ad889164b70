#include "domain/filters.hpp"

namespace paylink {

LinkPlace place_of(const PaymentLink& link, LinkOrder order) {
  if (order == LinkOrder::amount) return {link.amount.minor_units(), link.id};
  if (order == LinkOrder::expiration_date) return {to_microseconds(link.expiration_date), link.id};
  return {0, link.id};
}

}  // namespace paylink
