#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace paylink::runtime {

// A function with a stack of its own that can pause in the middle of a call and go on later, on the same thread: what
// lets many plain functions wait for the storage at the same time. Used again and again, since a stack costs a system
// call.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Begins `body`, which must not throw, and runs it until it pauses or ends. Only when the last one has ended.
  void start(std::function<void()> body);
  // Goes on until it pauses again or ends.
  void resume();
  bool is_done() const { return is_done_; }

  // Inside a fiber: back to whoever has started or resumed it.
  static void pause();

 private:
  static void enter();
  void leave();

  void* stack_;
  std::function<void()> body_;
  ucontext_t own_{};
  ucontext_t caller_{};
  bool is_done_ = true;
  // For the sanitizers, which must be told of every switch.
  void* own_mark_ = nullptr;
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_size_ = 0;
  void* own_history_ = nullptr;
  void* caller_history_ = nullptr;
};

}  // namespace paylink::runtime
