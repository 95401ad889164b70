#pragma once

#include <map>
#include <string>
#include <vector>

#include "sql/transaction.hpp"

namespace paylink::store {

// What a node has counted since its last publication.
struct NodePublication {
  std::int64_t sequence;  // rises by one with each of a node, from one
  Time counted_at;        // by that node's clock
  std::string counts;     // as its author encodes them
};

// By node, the sequence number of one of its publications.
using NodeSequences = std::map<Uuid, std::int64_t>;

// What nodes tell one another of their clients. Belongs to no organization.
class NodeCounts {
 public:
  explicit NodeCounts(sql::Transaction& tx) : tx_(tx) {}

  // Nothing happens when it is there already: an insert whose outcome is not known can be done again.
  Result<> insert(const Uuid& node, const NodePublication& publication);
  // The last of every node that published anything since then.
  Result<NodeSequences> newest(Time since);
  // At most `limit` publications of a node after that sequence number, in order.
  Result<std::vector<NodePublication>> after(const Uuid& node, std::int64_t sequence, Time since, int limit);
  // Answers how many were deleted, the oldest first.
  Result<int> purge(Time before, int limit);

 private:
  sql::Transaction& tx_;
};

}  // namespace paylink::store
