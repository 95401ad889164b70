#include "app/ask_limiter.hpp"

#include <algorithm>

namespace paylink::app {
namespace {

constexpr std::chrono::seconds ask_price{1};
constexpr std::chrono::seconds credit{10};
constexpr std::size_t size_max = 100'000;
// No two callers read the clock so far apart from one another.
constexpr std::chrono::minutes put_back{1};

}  // namespace

bool AskLimiter::may_ask(AttemptId attempt, Time now) {
  const std::lock_guard lock(mutex_);
  if (now + put_back < latest_) {
    full_again_at_.clear();
    swept_at_ = latest_ = Time{};
  }
  now = latest_ = std::max(latest_, now);
  if (full_again_at_.size() >= size_max) {
    // At most once in the time a bucket takes to fill: a flood must not make this the costly part.
    if (now < swept_at_ + credit) return false;
    swept_at_ = now;
    std::erase_if(full_again_at_, [now](const auto& entry) { return entry.second <= now; });
    // So many attempts in ten seconds: the reconciler will ask.
    if (full_again_at_.size() >= size_max) return false;
  }
  Time& full_again_at = full_again_at_.try_emplace(attempt.uuid(), now).first->second;
  const Time spent = std::max(full_again_at, now) + ask_price;
  if (spent > now + credit) return false;
  full_again_at = spent;
  return true;
}

}  // namespace paylink::app
