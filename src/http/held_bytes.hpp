#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace paylink::http {

// What the connections of one event loop make the server hold: requests that have not arrived, and large answers from
// the moment they are there until the peer has read them. Safe from any thread, for as long as the loop lives.
class HeldBytes {
 public:
  using Sum = std::atomic<std::size_t>;

  // `all` is the sum over the loops, which together hold at most `most`; each may hold `share` whatever the others do.
  HeldBytes(std::shared_ptr<Sum> all, std::size_t most, std::size_t share)
      : all_(std::move(all)), most_(most), share_(share) {}

  // Something that held `before` bytes holds `after`.
  void change(std::size_t before, std::size_t after) {
    all_->fetch_add(after - before, std::memory_order_relaxed);  // wraps around when it shrinks
    own_.fetch_add(after - before, std::memory_order_relaxed);
  }

  // All connections together hold too much, and those of this loop more than their share: so that it is not others who
  // pay for them. Where that is so, a loop sees it at its next sweep at the latest.
  bool is_too_much() const {
    return all_->load(std::memory_order_relaxed) > most_ && own_.load(std::memory_order_relaxed) > share_;
  }

 private:
  const std::shared_ptr<Sum> all_;  // outlives the server, as a loop may
  const std::size_t most_;
  const std::size_t share_;
  Sum own_{0};
};

}  // namespace paylink::http
