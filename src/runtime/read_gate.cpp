#include "runtime/read_gate.hpp"

namespace paylink::runtime {

void ReadGate::enter() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience_, [this] { return !is_closed_ || inside_ == 0; });
  changed_.wait_for(lock, turn_, [this] { return !is_closed_; });
  ++inside_;
}

void ReadGate::leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  changed_.notify_all();
}

void ReadGate::open() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) return;
    is_closed_ = false;
  }
  changed_.notify_all();
}

bool ReadGate::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  return inside_ == 0;
}

}  // namespace paylink::runtime
