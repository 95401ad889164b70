#pragma once

#include <string>
#include <vector>

#include "sql/transaction.hpp"
#include "store/node_counts.hpp"

namespace paylink::app {

// Whoever has not looked for longer has missed something.
constexpr std::chrono::minutes node_counts_kept{1};

// What a node brings to an exchange.
struct CountRound {
  Uuid node;
  std::vector<store::NodePublication> own;  // not known to be stored yet
  store::NodeSequences last_heard;
};

// One publication of another node.
struct HeardCounts {
  Uuid node;
  std::chrono::microseconds age;  // how much older it is than the newest of that node: clocks need not agree
  std::string counts;
};

struct ExchangedCounts {
  std::vector<HeardCounts> heard;
  store::NodeSequences last_heard;
};

// Stores what this node tells and answers what the others told since it last heard of them: of each its last minute at
// the most. May be done again with the same round; the next one has `last_heard` of this one's answer. What is told has
// a meaning for runtime::CountExchange only. The clocks of all nodes are to agree within less than a minute.
Result<ExchangedCounts> exchange_counts(const CountRound& round, sql::Transaction& tx);

}  // namespace paylink::app
