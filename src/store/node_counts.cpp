#include "store/node_counts.hpp"

#include <algorithm>

namespace paylink::store {
namespace {

constexpr std::string_view insert_publication = R"sql(
  INSERT INTO node_counts (node_id, sequence, counts, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (node_id, sequence) DO NOTHING
)sql";

// Not grouped: SQLite would then read the whole table instead of the last minute's part of the index.
constexpr std::string_view select_recent = "SELECT node_id, sequence FROM node_counts WHERE created_at >= $1";

constexpr std::string_view select_counts_after = R"sql(
  SELECT sequence, created_at, counts FROM node_counts
  WHERE node_id = $1 AND sequence > $2 AND created_at >= $3 ORDER BY sequence LIMIT $4
)sql";

constexpr std::string_view delete_publications = R"sql(
  DELETE FROM node_counts WHERE (node_id, sequence) IN (
    SELECT node_id, sequence FROM node_counts WHERE created_at < $1 ORDER BY created_at LIMIT $2)
  RETURNING 1
)sql";

}  // namespace

Result<> NodeCounts::insert(const Uuid& node, const NodePublication& publication) {
  return tx_.defer(insert_publication,
                   {node, publication.sequence, sql::Blob{publication.counts}, publication.counted_at});
}

Result<NodeSequences> NodeCounts::newest(Time since) {
  const sql::Rows rows = TRY(tx_.query(select_recent, {since}));
  NodeSequences result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::int64_t& newest = result[rows[i].uuid(0)];
    newest = std::max(newest, rows[i].integer(1));
  }
  return result;
}

Result<std::vector<NodePublication>> NodeCounts::after(const Uuid& node, std::int64_t sequence, Time since, int limit) {
  const sql::Rows rows = TRY(tx_.query(select_counts_after, {node, sequence, since, limit}));
  std::vector<NodePublication> result;
  for (std::size_t i = 0; i < rows.size(); ++i)
    result.push_back({rows[i].integer(0), rows[i].time(1), std::string(rows[i].text(2))});
  return result;
}

Result<int> NodeCounts::purge(Time before, int limit) {
  const sql::Rows rows = TRY(tx_.query(delete_publications, {before, limit}));
  return static_cast<int>(rows.size());
}

}  // namespace paylink::store
