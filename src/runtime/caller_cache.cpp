#include "runtime/caller_cache.hpp"

namespace paylink::runtime {

const app::Identity* CallerCache::find(std::string_view authorization,
                                       std::chrono::steady_clock::time_point now) const {
  const auto found = entries_.find(authorization);
  if (found == entries_.end() || now - found->second.asked_at > believed_for) return nullptr;
  return &found->second.identity;
}

void CallerCache::put(std::string_view authorization, const app::Identity& identity,
                      std::chrono::steady_clock::time_point now) {
  if (entries_.size() >= size_max) entries_.clear();
  entries_.insert_or_assign(std::string(authorization), Entry{identity, now});
}

}  // namespace paylink::runtime
