#include "sql/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <regex>
#include <vector>

namespace paylink::sql::testing {

namespace {

// What a statement names, and how it says whose rows it means: by a parameter in a condition, by the row they are
// joined to, or by the first column of what they insert. An organization's own row is known by its id.
struct Reading {
  std::vector<std::string> tables;
  std::vector<std::string> of_others, of_themselves;  // numbers of parameters; empty: joined
};

std::vector<std::string> matches_in(const std::string& statement, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator at(statement.begin(), statement.end(), pattern), end; at != end; ++at)
    found.push_back((*at)[1].matched || at->size() < 3 ? (*at)[1].str() : (*at)[2].str());
  return found;
}

Reading read_anew(const std::string& statement) {
  static const std::regex named(R"(\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+))");
  static const auto make = [](const std::string& owner) {
    return std::regex("\\b" + owner + R"(\s*=\s*(?:\$(\d+)|\w+\.organization_id\b))" + "|INSERT INTO \\w+ \\(" + owner +
                      R"(\b[^)]*\)\s*VALUES\s*\(\$(\d+))");
  };
  static const std::regex of_others = make("organization_id"), of_themselves = make("(?:organization_id|id)");
  return {matches_in(statement, named), matches_in(statement, of_others), matches_in(statement, of_themselves)};
}

// Statements are few, and asked again and again.
const Reading& read(const std::string& statement) {
  thread_local std::map<std::string, Reading> known;
  const auto found = known.find(statement);
  return found != known.end() ? found->second : known.emplace(statement, read_anew(statement)).first->second;
}

bool is_bound(const std::string& number, Values values, const Uuid& id) {
  const std::size_t place = std::stoul(number);
  if (place == 0 || place > values.size()) return false;
  const auto* bound = std::get_if<Uuid>(&values[place - 1].state());
  return bound != nullptr && *bound == id;
}

}  // namespace

std::string complaint_about(const std::string& statement, Values values, const Tenant& tenant,
                            const OwnedTables& owned) {
  if (tenant.is_everybody()) return {};
  const Reading& reading = read(statement);
  std::vector<std::string> tables;
  std::ranges::copy_if(reading.tables, std::back_inserter(tables),
                       [&owned](const std::string& table) { return owned.contains(table); });
  if (tables.empty()) return {};
  if (tenant.is_nobody()) return "nobody's work names " + tables.front();
  const bool is_own = std::ranges::count(tables, "organizations") > 0;
  const auto& whose = is_own ? reading.of_themselves : reading.of_others;
  std::size_t bound = 0;
  for (const std::string& number : whose) {
    if (number.empty()) continue;  // joined
    if (!is_bound(number, values, tenant.id())) return "$" + number + " is not the work's organization";
    ++bound;
  }
  if (bound == 0 || whose.size() < tables.size()) return "does not say whose rows it means";
  return {};
}

Result<Rows> TenantWall::query(std::string_view statement, Values values) {
  check(statement, values);
  return inner_.query(statement, values);
}

Result<Rows> TenantWall::walk(std::string_view statement, Values values) {
  check(statement, values);
  return inner_.walk(statement, values);
}

Result<Rows> TenantWall::lock(std::string_view statement, Values values) {
  check(statement, values);
  return inner_.lock(statement, values);
}

Result<Rows> TenantWall::claim(std::string_view statement, Values values) {
  check(statement, values);
  return inner_.claim(statement, values);
}

Result<> TenantWall::defer(std::string_view statement, Values values) {
  check(statement, values);
  return inner_.defer(statement, values);
}

Result<> TenantWall::add(std::string_view statement, const Uuid& organization, std::string_view name,
                         std::int64_t amount, const Entry& entry) {
  const Value values[] = {organization, name, 0, amount};
  check(statement, values);
  return inner_.add(statement, organization, name, amount, entry);
}

Result<bool> TenantWall::follow_counts(const Uuid& organization) { return inner_.follow_counts(organization); }

Result<std::optional<CountChanges>> TenantWall::count_changes(const Uuid& organization,
                                                              const std::optional<Snapshot>& since) {
  return inner_.count_changes(organization, since);
}

Result<bool> TenantWall::try_claim(std::string_view key) { return inner_.try_claim(key); }

void TenantWall::check(std::string_view statement, Values values) const {
  const std::string complaint = complaint_about(std::string(statement), values, tenant_, owned_);
  if (!complaint.empty()) ADD_FAILURE() << complaint << ": " << statement;
}

}  // namespace paylink::sql::testing
