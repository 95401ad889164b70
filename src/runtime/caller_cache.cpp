#include "runtime/caller_cache.hpp"

namespace paylink::runtime {

std::optional<app::Identity> CallerCache::find(const std::string& hash,
                                               std::chrono::steady_clock::time_point now) const {
  const auto found = entries_.find(hash);
  if (found == entries_.end() || now - found->second.asked_at > believed_for) return std::nullopt;
  return found->second.identity;
}

void CallerCache::put(const std::string& hash, const app::Identity& identity,
                      std::chrono::steady_clock::time_point now) {
  // Only credentials that exist come here, so that nobody can fill the cache from outside.
  if (entries_.size() >= size_max) entries_.clear();
  entries_.insert_or_assign(hash, Entry{identity, now});
}

}  // namespace paylink::runtime
