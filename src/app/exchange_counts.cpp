#include "app/exchange_counts.hpp"

namespace paylink::app {
namespace {

// A node tells something once a second; who was away reads the rest the next time.
constexpr int heard_at_once = 64;

void hear(const Uuid& node, std::vector<store::NodePublication> told, ExchangedCounts& exchanged) {
  if (told.empty()) return;
  const Time newest = told.back().counted_at;
  exchanged.last_heard[node] = told.back().sequence;
  for (store::NodePublication& publication : told)
    exchanged.heard.push_back({node, newest - publication.counted_at, std::move(publication.counts)});
}

}  // namespace

Result<ExchangedCounts> exchange_counts(const CountRound& round, sql::Transaction& tx) {
  store::NodeCounts counts(tx);
  for (const store::NodePublication& publication : round.own) TRY(counts.insert(round.node, publication));
  const Time since = tx.now() - node_counts_kept;
  const store::NodeSequences newest = TRY(counts.newest(since));
  // A node that is not among them has told nothing for a minute; whatever it tells from now on is new.
  ExchangedCounts exchanged;
  for (const auto& [node, sequence] : newest) {
    if (node == round.node) continue;
    const auto known = round.last_heard.find(node);
    const std::int64_t last = known == round.last_heard.end() ? 0 : known->second;
    exchanged.last_heard[node] = last;
    if (sequence <= last) continue;
    auto told = TRY(counts.after(node, last, since, heard_at_once));
    hear(node, std::move(told), exchanged);
  }
  return exchanged;
}

}  // namespace paylink::app
