#include "app/page_ends.hpp"

namespace paylink::app {

void PageEnds::keep(const std::string& list, std::int64_t page, const std::optional<LinkPlace>& after,
                    const std::optional<LinkPlace>& last, Time now) {
  if (most_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = by_list_.find(list); found != by_list_.end()) {
    ends_.splice(ends_.begin(), ends_, found->second);
    End& end = ends_.front();
    // Whoever asks for one page again and again is shown what has changed, sooner or later.
    const bool is_again = end.page == page && after && end.after == after;
    if (!is_again) end.first_kept_at = now;
    end.kept_at = now;
    end.page = page;
    end.after = after;
    end.last = last;
    return;
  }
  if (ends_.size() >= most_) {
    by_list_.erase(ends_.back().list);
    ends_.pop_back();
  }
  ends_.push_front({list, page, after, last, now, now});
  by_list_.emplace(ends_.front().list, ends_.begin());
}

void PageEnds::forget(const std::string& list) {
  const std::lock_guard lock(mutex_);
  const auto found = by_list_.find(list);
  if (found == by_list_.end()) return;
  const Ends::iterator end = found->second;
  by_list_.erase(found);
  ends_.erase(end);
}

std::optional<LinkPlace> PageEnds::find(const std::string& list, std::int64_t page, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_list_.find(list);
  if (found == by_list_.end()) return std::nullopt;
  const End& end = *found->second;
  if (end.page == page - 1 && now <= end.kept_at + lifetime) return end.last;
  if (end.page == page && now <= end.first_kept_at + retry_time) return end.after;
  return std::nullopt;
}

}  // namespace paylink::app
