#include "runtime/sliding_window.hpp"

#include <algorithm>
#include <limits>

namespace paylink::runtime {

void SlidingWindow::advance(Moment now, std::chrono::nanoseconds length) {
  const auto slice = length / slices;
  if (now - begin_ >= slice && sum_ > 0) {
    const std::int64_t passed = (now - begin_) / slice;
    for (std::int64_t i = 0; i < std::min(passed, slices); ++i) {
      at_ = (at_ + 1) % slices;
      sum_ -= counts_[at_];
      counts_[at_] = 0;
    }
    begin_ += passed * slice;
  }
  if (sum_ == 0) begin_ = std::max(begin_, now);
}

void SlidingWindow::add_past(std::uint32_t count, std::chrono::nanoseconds age, Moment now,
                             std::chrono::nanoseconds length) {
  const auto slice = length / slices;
  const auto before = std::max(begin_ - (now - age), std::chrono::nanoseconds(0));
  const std::int64_t back = (before + slice - std::chrono::nanoseconds(1)) / slice;
  if (back >= slices) return;
  const std::uint32_t counted = std::min(count, std::numeric_limits<std::uint32_t>::max() - sum_);
  counts_[static_cast<std::size_t>((at_ + slices - back) % slices)] += counted;
  sum_ += counted;
}

void SlidingWindow::take_back() {
  if (counts_[at_] == 0) return;
  --counts_[at_];
  --sum_;
}

std::chrono::nanoseconds SlidingWindow::until_below(std::uint32_t limit, Moment now,
                                                    std::chrono::nanoseconds length) const {
  std::uint32_t left = sum_;
  std::int64_t forgotten = 0;  // slices, oldest first
  while (left >= limit && left > 0) {
    ++forgotten;
    left -= counts_[static_cast<std::size_t>((at_ + forgotten) % slices)];
  }
  if (forgotten == 0) return std::chrono::nanoseconds(0);
  return std::max(begin_ + forgotten * (length / slices) - now, std::chrono::nanoseconds(0));
}

}  // namespace paylink::runtime
