#pragma once

#include "app/exchange_counts.hpp"
#include "app/lane.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "runtime/client_limiter.hpp"

namespace paylink::runtime {

// Tells the other nodes what this one's limiter has let through, and this one's limiter what theirs have. A worker does
// it once a second, and nobody else. What could not be stored is told later, for a minute; what another node tells
// later than that is not heard.
class CountExchange {
 public:
  // To the others every start is another node: nothing is left of what this one told before.
  CountExchange(ClientLimiter& limiter, app::Lane& lane, const Clock& clock, Random& random);

  // Answers how many publications of others were heard.
  Task<Result<int>> exchange(Moment now);

 private:
  void gather();
  void count(const app::HeardCounts& heard, Moment now);
  Task<Result<app::ExchangedCounts>> in_transaction();

  ClientLimiter& limiter_;
  app::Lane& lane_;
  const Clock& clock_;
  app::CountRound round_;
  std::int64_t sequence_ = 0;
};

}  // namespace paylink::runtime
