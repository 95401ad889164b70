#include "providers/mollie/breaker.hpp"

#include "base/log.hpp"

namespace paylink::providers::mollie {

bool Breaker::admits(Time now) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::closed) return true;
  // A clock that was set back must not keep it open; nor must a call that never came back.
  if (now >= since_ && now < since_ + limits_.pause) return false;
  state_ = State::trying;
  since_ = now;
  return true;
}

void Breaker::note(Sign sign, Time now) {
  const std::lock_guard lock(mutex_);
  switch (sign) {
    case Sign::none:
      if (state_ == State::trying) state_ = State::open;
      return;
    case Sign::alive:
      failures_ = 0;
      if (state_ != State::closed) LOG(info, "provider_breaker", {"state", "closed"}, {"provider", name_});
      state_ = State::closed;
      return;
    case Sign::dead:
      ++failures_;
      if (state_ == State::trying) {
        state_ = State::open;
        since_ = now;
      }
      if (state_ == State::closed && failures_ >= limits_.failures) open(now);
      return;
  }
}

void Breaker::open(Time now) {
  state_ = State::open;
  since_ = now;
  LOG(warn, "provider_breaker", {"state", "open"}, {"provider", name_}, {"failures", std::int64_t{failures_}});
}

}  // namespace paylink::providers::mollie
