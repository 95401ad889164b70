#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sql/count_changes.hpp"
#include "sql/sums.hpp"
#include "sql/transaction.hpp"

// What all connections add to the counts of organizations that somebody follows: a row for each transaction, written
// together with the sums. With it a node brings what it has counted up to what it sees now. Rows are kept for ten
// minutes, and so long is an organization followed; whoever follows says so again before. That a row is missing shows
// in the counts, which say in how many transactions they were changed.
namespace paylink::sql::postgres::count_log {

// Creates its tables where they are not there.
extern const std::string_view tables;
// $1: the organization; $2: what `pack` gives. Does nothing when nobody follows it.
extern const std::string_view insert_changes;

// Of one organization.
std::string pack(std::span<const Sum> sums);

Result<> follow(const Uuid& organization, Transaction& tx);
// In a transaction that sees one snapshot. At most 4 MiB; what is missing then shows as above.
Result<CountChanges> read(const Uuid& organization, const std::optional<Snapshot>& since, Transaction& tx);
// Deletes rows nobody needs, at most `limit` of each table, in everybody's transaction; answers how many.
Result<int> purge(int limit, Transaction& tx);

}  // namespace paylink::sql::postgres::count_log
