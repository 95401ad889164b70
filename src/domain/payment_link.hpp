#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "domain/link_status.hpp"
#include "domain/money.hpp"
#include "domain/organization.hpp"
#include "domain/payment_method.hpp"

namespace paylink {

// What a basket link is for. `items` is the canonical JSON array of its items exactly as the API answers it: made once,
// when the link is created, and spliced into every answer; the page reads it back with `read_items`.
struct Basket {
  std::string items;
};

struct Invoice {
  InvoiceId id;
  std::string number;
  std::string debitor_name;
};

struct PaymentLink {
  OrganizationId organization;
  PaymentLinkId id;
  Uuid resource_id;                      // random: the only secret of the link's URL
  LinkStatus status = LinkStatus::open;  // as stored: `status_at` corrects it
  Money amount;                          // gross
  PaymentMethods methods;
  Reusable reusable = Reusable::no;
  std::variant<Basket, Invoice> subject;
  Time expiration_date;
  std::optional<Time> expires_effective_at;  // absent while an attempt begun in time is alive
  std::optional<Time> canceled_at;
  Time created_at;
  Time updated_at;
  std::string metadata{};  // what the merchant keeps with it, as a canonical JSON object; empty: nothing

  // What `link_status` wants to know.
  LinkFacts facts(Captured captured) const {
    return {reusable, canceled_at ? Canceled::yes : Canceled::no, captured, expiration_date};
  }

  // The stored status may lag the clock: this one never does.
  LinkStatus status_at(Time now) const {
    if (status == LinkStatus::open && expires_effective_at && *expires_effective_at <= now) return LinkStatus::expired;
    return status;
  }
};

// Exactly so many years later: the same calendar date (29 February becomes 28 February) and time of day.
Time years_after(Time time, int years);

}  // namespace paylink
