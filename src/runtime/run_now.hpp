#pragma once

#include <future>
#include <memory>

#include "base/task.hpp"

namespace paylink::runtime {

// Starts a task, for a thread that has nothing else to do than to wait for it. What the task throws is thrown there.
template <class T>
std::future<T> begin(Task<T> task) {
  const auto promise = std::make_shared<std::promise<T>>();
  start(
      std::move(task), [promise](T value) { promise->set_value(std::move(value)); },
      [promise](std::exception_ptr thrown) { promise->set_exception(thrown); });
  return promise->get_future();
}

// Waits for a task: at start-up and in workers, never on an event loop.
template <class T>
T run_now(Task<T> task) {
  return begin(std::move(task)).get();
}

}  // namespace paylink::runtime
