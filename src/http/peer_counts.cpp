#include "http/peer_counts.hpp"

#include "base/ensure.hpp"

namespace paylink::http {

bool PeerCounts::enter(const ClientNetwork& peer, std::size_t max) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(peer);
  if (found == counts_.end()) return max > 0 && counts_.emplace(peer, 1).second;
  if (found->second >= max) return false;
  ++found->second;
  return true;
}

void PeerCounts::leave(const ClientNetwork& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(peer);
  ENSURE(found != counts_.end());
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace paylink::http
