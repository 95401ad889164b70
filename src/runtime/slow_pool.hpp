#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "runtime/lane_batch.hpp"

namespace paylink::runtime {

// A few threads for reads that may take long, so that no event loop waits for them. They run at a lower priority than
// the rest of the program.
class SlowPool {
 public:
  // `run` is called with one work at a time on each thread, in the order in which they came; it calls `done`. At most
  // `queue_max` wait.
  SlowPool(std::size_t threads, std::size_t queue_max, std::function<void(app::Work&)> run);
  // Ends what has begun, and refuses what waits: a read that is not done has no effect that anybody could miss.
  ~SlowPool();
  SlowPool(const SlowPool&) = delete;
  SlowPool& operator=(const SlowPool&) = delete;

  // Never blocks: refused with `unavailable` (`overloaded`) when too many wait. Safe from any thread.
  void submit(app::Work& work) noexcept;

 private:
  void serve();

  const std::function<void(app::Work&)> run_;
  WorkQueue queue_;
  std::atomic<bool> is_stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace paylink::runtime
