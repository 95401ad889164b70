#pragma once

#include "sql/postgres/connection.hpp"
#include "sql/transaction.hpp"

namespace paylink::sql::postgres {

// The seam's implementation: a view of a connection inside a transaction somebody else begins and ends.
class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(Connection& connection, Time now, Random& random)
      : Transaction(now, random), connection_(connection) {}

  // From here on nothing but this tenant's rows is seen or changed (row-level security).
  Result<> enter(const Tenant& tenant);
  // Whether anything may have been changed since the last time this was asked.
  bool take_changed() { return std::exchange(is_changed_, false); }

  using Transaction::claim;
  using Transaction::defer;
  using Transaction::lock;
  using Transaction::query;
  using Transaction::walk;
  Result<Rows> query(std::string_view statement, Values values) override;
  Result<Rows> walk(std::string_view statement, Values values) override;
  Result<Rows> lock(std::string_view statement, Values values) override;
  Result<Rows> claim(std::string_view statement, Values values) override;
  Result<> defer(std::string_view statement, Values values) override;
  Result<> add(std::string_view statement, const Uuid& organization, std::string_view name, std::int64_t amount,
               const Entry& entry) override;
  Result<bool> follow_counts(const Uuid& organization) override;
  Result<std::optional<CountChanges>> count_changes(const Uuid& organization,
                                                    const std::optional<Snapshot>& since) override;
  // An advisory lock of the transaction; keys that share a hash of 64 bits exclude each other.
  Result<bool> try_claim(std::string_view key) override;

 private:
  Connection& connection_;
  Tenant tenant_ = Tenant::nobody();
  bool is_changed_ = false;
};

}  // namespace paylink::sql::postgres
