#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "sql/transaction.hpp"

namespace paylink::sql::testing {

// The tables whose rows belong to organizations.
using OwnedTables = std::set<std::string>;

namespace detail {

inline std::vector<std::string> owned_tables_in(const std::string& statement, const OwnedTables& owned) {
  static const std::regex named(R"(\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+))");
  std::vector<std::string> found;
  for (std::sregex_iterator at(statement.begin(), statement.end(), named), end; at != end; ++at)
    if (owned.contains((*at)[1])) found.push_back((*at)[1]);
  return found;
}

// How statements say whose rows they mean: by a parameter in a condition, by the row they are joined to, or by the
// first column of what they insert. An organization's own row is known by its id.
inline const std::regex& says_whose(const std::vector<std::string>& tables) {
  static const auto make = [](const std::string& owner) {
    return std::regex("\\b" + owner + R"(\s*=\s*(?:\$(\d+)|\w+\.organization_id\b))" + "|INSERT INTO \\w+ \\(" + owner +
                      R"(\b[^)]*\)\s*VALUES\s*\(\$(\d+))");
  };
  static const std::regex of_others = make("organization_id"), of_themselves = make("(?:organization_id|id)");
  return std::ranges::count(tables, "organizations") > 0 ? of_themselves : of_others;
}

inline bool is_bound(const std::string& number, Values values, const Uuid& id) {
  const std::size_t place = std::stoul(number);
  if (place == 0 || place > values.size()) return false;
  const auto* bound = std::get_if<Uuid>(&values[place - 1].state());
  return bound != nullptr && *bound == id;
}

}  // namespace detail

// What is wrong with a statement in the work of `tenant`; empty when nothing is.
inline std::string complaint_about(const std::string& statement, Values values, const Tenant& tenant,
                                   const OwnedTables& owned) {
  if (tenant.is_everybody()) return {};
  const auto tables = detail::owned_tables_in(statement, owned);
  if (tables.empty()) return {};
  if (tenant.is_nobody()) return "nobody's work names " + tables.front();
  const auto& whose = detail::says_whose(tables);
  std::size_t said = 0, bound = 0;
  for (std::sregex_iterator at(statement.begin(), statement.end(), whose), end; at != end; ++at, ++said) {
    const std::string number = (*at)[1].matched ? (*at)[1] : (*at)[2];
    if (number.empty()) continue;  // joined
    if (!detail::is_bound(number, values, tenant.id())) return "$" + number + " is not the work's organization";
    ++bound;
  }
  if (bound == 0 || said < tables.size()) return "does not say whose rows it means";
  return {};
}

// Stands where row-level security will: fails the test when a statement in the work of an organization does not itself
// say, for each table with an owner, that it means this organization's rows.
class TenantWall final : public Transaction {
 public:
  TenantWall(Transaction& inner, const Tenant& tenant, const OwnedTables& owned)
      : Transaction(inner.now(), inner.random()), inner_(inner), tenant_(tenant), owned_(owned) {}
  using Transaction::claim;
  using Transaction::defer;
  using Transaction::lock;
  using Transaction::query;

  Result<Rows> query(std::string_view statement, Values values) override {
    check(statement, values);
    return inner_.query(statement, values);
  }
  Result<Rows> lock(std::string_view statement, Values values) override {
    check(statement, values);
    return inner_.lock(statement, values);
  }
  Result<Rows> claim(std::string_view statement, Values values) override {
    check(statement, values);
    return inner_.claim(statement, values);
  }
  Result<> defer(std::string_view statement, Values values) override {
    check(statement, values);
    return inner_.defer(statement, values);
  }
  Result<bool> try_claim(std::string_view key) override { return inner_.try_claim(key); }

 private:
  void check(std::string_view statement, Values values) const {
    const std::string complaint = complaint_about(std::string(statement), values, tenant_, owned_);
    if (!complaint.empty()) ADD_FAILURE() << complaint << ": " << statement;
  }

  Transaction& inner_;
  Tenant tenant_;
  const OwnedTables& owned_;
};

}  // namespace paylink::sql::testing
