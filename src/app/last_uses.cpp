#include "app/last_uses.hpp"

#include <algorithm>

#include "store/api_keys.hpp"

namespace paylink::app {

void LastUses::note(const Use& use) {
  const std::lock_guard lock(mutex_);
  const auto found = newest_.find({use.organization, use.key});
  if (found != newest_.end())
    found->second = std::max(found->second, use.at);
  else if (newest_.size() < size_max)
    newest_.emplace(std::pair(use.organization, use.key), use.at);
}

std::vector<LastUses::Use> LastUses::take(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Use> taken;
  while (taken.size() < limit && !newest_.empty()) {
    const auto first = newest_.begin();
    taken.push_back({first->first.first, first->first.second, first->second});
    newest_.erase(first);
  }
  return taken;
}

Result<> store_uses(const std::vector<LastUses::Use>& uses, sql::Transaction& tx) {
  store::ApiKeys keys(tx);
  for (const auto& use : uses) TRY(keys.record_use(use.organization, use.key, use.at));
  return {};
}

}  // namespace paylink::app
