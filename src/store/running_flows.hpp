#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/organization.hpp"
#include "sql/transaction.hpp"

namespace paylink::store {

// A request with an idempotency key whose flow has begun and whose answer is not stored yet.
struct RunningFlow {
  OrganizationId organization;
  std::string key_hash;
  std::string fingerprint;
  Uuid principal;
  std::string method;  // HTTP
  std::string target;
  std::string body;
  std::int64_t runs = 1;  // how often it was begun: tells its present runner from earlier ones
  Time lease_until;
};

class RunningFlows {
 public:
  explicit RunningFlows(sql::Transaction& tx) : tx_(tx) {}

  Result<std::optional<RunningFlow>> find(OrganizationId organization, std::string_view key_hash);
  // Begins it, or takes it over: replaces what is there.
  Result<> put(const RunningFlow& flow);
  // Removes it; false when another runner has taken it over.
  Result<bool> remove(const RunningFlow& flow);
  // Takes over one whose lease has passed, with a new one; absent when there is none.
  Result<std::optional<RunningFlow>> take_over_one(std::chrono::microseconds lease);
  // Ends every lease: for the only process of a database, at its start, when whoever held one is gone.
  Result<> end_leases();
  // As Attempts::bring_forward, of leases.
  Result<int> bring_leases_forward(Time latest, Time to, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
