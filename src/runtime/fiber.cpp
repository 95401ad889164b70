#include "runtime/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "base/ensure.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PAYLINK_ADDRESS_SANITIZER
#endif
#if __has_feature(thread_sanitizer)
#define PAYLINK_THREAD_SANITIZER
#endif
#endif

#ifdef PAYLINK_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef PAYLINK_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace paylink::runtime {
namespace {

// Only what is touched becomes memory. Below it a page that nothing may touch.
constexpr std::size_t stack_size = 512 * 1024;
constexpr std::size_t guard_size = 4096;

thread_local Fiber* current_fiber = nullptr;

// What the sanitizers want to know before and after a switch of stacks; nothing without them.
struct Marks {
  static void leave([[maybe_unused]] void** mark, [[maybe_unused]] const void* stack, [[maybe_unused]] std::size_t size,
                    [[maybe_unused]] void* history) {
#ifdef PAYLINK_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(mark, stack, size);
#endif
#ifdef PAYLINK_THREAD_SANITIZER
    __tsan_switch_to_fiber(history, 0);
#endif
  }
  static void arrive([[maybe_unused]] void* mark, [[maybe_unused]] const void** stack,
                     [[maybe_unused]] std::size_t* size) {
#ifdef PAYLINK_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(mark, stack, size);
#endif
  }
  static void* new_history() {
#ifdef PAYLINK_THREAD_SANITIZER
    return __tsan_create_fiber(0);
#else
    return nullptr;
#endif
  }
  static void* history() {
#ifdef PAYLINK_THREAD_SANITIZER
    return __tsan_get_current_fiber();
#else
    return nullptr;
#endif
  }
  static void forget([[maybe_unused]] void* history) {
#ifdef PAYLINK_THREAD_SANITIZER
    __tsan_destroy_fiber(history);
#endif
  }
};

}  // namespace

Fiber::Fiber() : stack_(::mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  ENSURE(stack_ != MAP_FAILED);
  ENSURE(::mprotect(stack_, guard_size, PROT_NONE) == 0);
  own_history_ = Marks::new_history();
}

Fiber::~Fiber() {
  Marks::forget(own_history_);
  ::munmap(stack_, stack_size);
}

void Fiber::start(std::function<void()> body) {
  ENSURE(is_done_);
  body_ = std::move(body);
  is_done_ = false;
  ENSURE(::getcontext(&own_) == 0);
  own_.uc_stack.ss_sp = stack_;
  own_.uc_stack.ss_size = stack_size;
  own_.uc_link = nullptr;
  own_mark_ = nullptr;
  ::makecontext(&own_, &Fiber::enter, 0);
  resume();
}

void Fiber::resume() {
  ENSURE(!is_done_ && current_fiber == nullptr);
  current_fiber = this;
  caller_history_ = Marks::history();
  void* mark = nullptr;
  Marks::leave(&mark, stack_, stack_size, own_history_);
  ENSURE(::swapcontext(&caller_, &own_) == 0);
  Marks::arrive(mark, nullptr, nullptr);
  current_fiber = nullptr;
}

void Fiber::enter() {
  Fiber& self = *current_fiber;
  Marks::arrive(nullptr, &self.caller_stack_, &self.caller_stack_size_);
  self.body_();
  self.body_ = nullptr;
  self.is_done_ = true;
  Marks::leave(nullptr, self.caller_stack_, self.caller_stack_size_, self.caller_history_);
  ::setcontext(&self.caller_);
}

void Fiber::pause() {
  ENSURE(current_fiber != nullptr);
  current_fiber->leave();
}

void Fiber::leave() {
  Marks::leave(&own_mark_, caller_stack_, caller_stack_size_, caller_history_);
  ENSURE(::swapcontext(&own_, &caller_) == 0);
  Marks::arrive(own_mark_, &caller_stack_, &caller_stack_size_);
}

}  // namespace paylink::runtime
