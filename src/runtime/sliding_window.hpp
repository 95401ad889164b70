#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace paylink::runtime {

using Moment = std::chrono::steady_clock::time_point;

// Counts what happened within the last `length`, in twenty slices: one event is counted for at least 19/20 of the
// length and at most all of it. So in any 19/20 of it no more than the limit get through, and who keeps to the limit is
// never refused. A time earlier than the last one is taken for the last one (threads read the clock before they wait).
class SlidingWindow {
 public:
  static constexpr std::int64_t slices = 20;

  // Forgets what is too old. When nothing is left, a new length begins now.
  void advance(Moment now, std::chrono::nanoseconds length);

  // Of the moment of the last `advance`:
  std::uint32_t sum() const { return sum_; }
  void add() { ++counts_[at_], ++sum_; }
  // Events of so long before now that are learnt of only now. More than can be counted are as many as can be.
  void add_past(std::uint32_t count, std::chrono::nanoseconds age, Moment now, std::chrono::nanoseconds length);
  void take_back();  // the event that was added last, when no slice has ended since
  // How long until fewer than `limit` are counted, if none is added; zero when that is so now.
  std::chrono::nanoseconds until_below(std::uint32_t limit, Moment now, std::chrono::nanoseconds length) const;

 private:
  std::array<std::uint32_t, slices> counts_{};
  std::uint32_t sum_ = 0;
  std::uint32_t at_ = 0;  // the slice of now
  Moment begin_{};        // of that slice
};

}  // namespace paylink::runtime
