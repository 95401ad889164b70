#pragma once

#include <set>
#include <string>

#include "sql/transaction.hpp"

namespace paylink::sql::testing {

// The tables whose rows belong to organizations.
using OwnedTables = std::set<std::string>;

// What is wrong with a statement in the work of `tenant`; empty when nothing is.
std::string complaint_about(const std::string& statement, Values values, const Tenant& tenant,
                            const OwnedTables& owned);

// Stands where row-level security will: fails the test when a statement in the work of an organization does not itself
// say, for each table with an owner, that it means this organization's rows.
class TenantWall final : public Transaction {
 public:
  TenantWall(Transaction& inner, const Tenant& tenant, const OwnedTables& owned)
      : Transaction(inner.now(), inner.random(), inner.has_row_numbers()),
        inner_(inner),
        tenant_(tenant),
        owned_(owned) {}
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
  Result<bool> try_claim(std::string_view key) override;

 private:
  void check(std::string_view statement, Values values) const;

  Transaction& inner_;
  Tenant tenant_;
  const OwnedTables& owned_;
};

}  // namespace paylink::sql::testing
