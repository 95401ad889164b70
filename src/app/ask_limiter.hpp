#pragma once

#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "domain/organization.hpp"

namespace paylink::app {

// How often strangers may make us ask the provider about one attempt: whoever knows an attempt's address can load its
// page, or notify us of it, as often as he likes, and the provider's patience is the merchant's. Ten at once, then one
// a second. What is not asked now is asked by the reconciler. Safe from any thread.
class AskLimiter {
 public:
  // A `now` that lies before an earlier call's counts as that: of two callers one may have read it before the clock was
  // put forward. When it lies more than a minute before, the clock has been put back, and what was spent is forgotten.
  bool may_ask(AttemptId attempt, Time now);

 private:
  // The moment at which all that was spent has come back: a bucket in one number.
  std::mutex mutex_;
  std::unordered_map<Uuid, Time> full_again_at_;
  Time swept_at_, latest_;
};

}  // namespace paylink::app
