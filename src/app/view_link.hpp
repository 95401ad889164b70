#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/attempt.hpp"
#include "domain/items.hpp"
#include "domain/movement.hpp"
#include "domain/payment_link.hpp"
#include "domain/vat.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

enum class MoneyMode : std::uint8_t { live, test };

// What the hosted page shows of a link.
struct LinkView {
  PaymentLink link;  // its status as of now; `expired` too when only an attempt begun in time keeps it open
  std::string merchant;
  MoneyMode mode = MoneyMode::live;  // of who has begun to pay it, or of who would
  bool is_connected = true;          // somebody can begin to pay it
  std::optional<Attempt> begun;      // somebody is at the provider's page; never of a reusable link
};

struct FindLink {
  OrganizationId organization;
  Uuid resource_id;
};

// Fails with `not_found`.
Result<LinkView> view_link(const FindLink& find, sql::Transaction& tx);

// Of a payment that was not needed: whether it is given back, or was, or somebody has to do that by hand.
enum class Surplus : std::uint8_t { none, returned, stuck };

// What an attempt's own page shows.
struct AttemptView {
  Attempt attempt;
  LinkView link;
  Surplus surplus;
};

struct FindAttempt {
  OrganizationId organization;
  std::string token;
};

// Fails with `not_found`.
Result<AttemptView> view_attempt(const FindAttempt& find, sql::Transaction& tx);

}  // namespace paylink::app
