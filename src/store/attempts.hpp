#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/attempt.hpp"
#include "domain/filters.hpp"
#include "domain/link_status.hpp"
#include "domain/page.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

class Attempts {
 public:
  explicit Attempts(sql::Transaction& tx) : tx_(tx) {}

  // Fails with `already_exists` when another attempt is current on a link that can be paid once.
  Result<> insert(const Attempt& attempt, Reusable reusable, Time due_at);
  // Fail with `not_found`.
  Result<Attempt> find(OrganizationId organization, AttemptId id);
  Result<Attempt> find_by_token(OrganizationId organization, std::string_view token);

  Result<std::optional<Attempt>> find_by_nonce(OrganizationId organization, PaymentLinkId link, const Uuid& nonce);
  // Neither final nor superseded, oldest first.
  Result<std::vector<Attempt>> current_of_link(OrganizationId organization, PaymentLinkId link);
  // Being settled at the provider, superseded or not, oldest first.
  Result<std::vector<Attempt>> in_process_of_link(OrganizationId organization, PaymentLinkId link);
  // What a link's status depends on: of one that can be paid once, all that are not final. Of a reusable one, which may
  // have any number of those, the earliest that is not superseded: when that does not keep the link open none does.
  Result<std::vector<AttemptFacts>> facts_of_link(OrganizationId organization, PaymentLinkId link, Reusable reusable);

  // All tries to pay a link, in the order of their creation.
  Result<Listed<Attempt>> list_of_link(OrganizationId organization, PaymentLinkId link, const AttemptFilter& filter,
                                       Page page);

  // Stores state, method, provider's id and page, supersession, payment time and tries; `due_at` is when the reconciler
  // should look again, absent for never.
  Result<> update(const Attempt& attempt, std::optional<Time> due_at);
  // All of a link with which nothing has happened yet, to be canceled at the provider at once.
  Result<> supersede_open(OrganizationId organization, PaymentLinkId link);
  // Takes at most `limit` attempts whose time has come, and moves their time on by `lease` so that nobody else does.
  Result<std::vector<Attempt>> claim_due(int limit, std::chrono::microseconds lease);
  // Of those whose time is later than `latest`, and whom nobody is changing, at most `limit`: it is `to`. Answers how
  // many there were.
  Result<int> bring_forward(Time latest, Time to, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
