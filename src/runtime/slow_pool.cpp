#include "runtime/slow_pool.hpp"

#include "base/thread_name.hpp"
#include "runtime/thread_priority.hpp"

namespace paylink::runtime {
namespace {

void refuse_one(app::Work& work) {
  work.done(fail(ErrorCode::unavailable, "overloaded", "Too many lists wait to be read. Try again in a moment."));
}

}  // namespace

SlowPool::SlowPool(std::size_t threads, std::size_t queue_max, std::function<void(app::Work&)> run)
    : run_(std::move(run)), queue_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

SlowPool::~SlowPool() {
  is_stopping_ = true;
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
}

void SlowPool::submit(app::Work& work) noexcept {
  if (!queue_.push(work)) refuse_one(work);
}

void SlowPool::serve() {
  name_thread("slow reads");
  lower_priority_of_this_thread();
  Batch next;
  while (queue_.take(next, 1)) {
    if (is_stopping_)
      refuse_one(*next.front());
    else
      run_(*next.front());
    next.clear();
  }
}

}  // namespace paylink::runtime
