#pragma once

#include <future>

#include "base/task.hpp"

namespace paylink::runtime {

// Waits for a task on a thread that has nothing else to do: at start-up and in workers, never on an event loop. What
// the task throws is thrown here.
template <class T>
T run_now(Task<T> task) {
  std::promise<T> promise;
  auto future = promise.get_future();
  start(
      std::move(task), [&promise](T value) { promise.set_value(std::move(value)); },
      [&promise](std::exception_ptr thrown) { promise.set_exception(thrown); });
  return future.get();
}

}  // namespace paylink::runtime
