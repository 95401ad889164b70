#include "app/page_ends.hpp"

namespace paylink::app {
namespace {

std::string key_of(const std::string& list, std::int64_t page) { return list + '#' + std::to_string(page); }

}  // namespace

void PageEnds::keep(const std::string& list, std::int64_t page, const LinkPlace& last, Time now) {
  std::string key = key_of(list, page);
  const std::lock_guard lock(mutex_);
  ends_[key] = {last, now};
  kept_.push_back({std::move(key), now});
  while (kept_.size() > most_ || kept_.front().at + lifetime < now) {
    const auto oldest = ends_.find(kept_.front().key);
    // One that came again lives as long as its last coming.
    if (oldest != ends_.end() && oldest->second.kept_at == kept_.front().at) ends_.erase(oldest);
    kept_.pop_front();
  }
}

std::optional<LinkPlace> PageEnds::find(const std::string& list, std::int64_t page, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = ends_.find(key_of(list, page));
  if (found == ends_.end() || found->second.kept_at + lifetime < now) return std::nullopt;
  return found->second.last;
}

}  // namespace paylink::app
