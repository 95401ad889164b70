#include "http/completions.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <iterator>
#include <utility>

#include "base/ensure.hpp"
#include "http/loop.hpp"
#include "http/server.hpp"

namespace paylink::http {
namespace {

struct Batch {
  int depth = 0;
  std::vector<std::pair<Completions*, std::vector<Completion>>> loops;
};

Batch& batch_of_this_thread() {
  thread_local Batch batch;
  return batch;
}

}  // namespace

Completions::Completions() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { ENSURE(wake_ >= 0); }

Completions::~Completions() { ::close(wake_); }

void Completions::push(Completion completion) {
  Batch& batch = batch_of_this_thread();
  if (batch.depth == 0) return push_one(std::move(completion));
  for (auto& [completions, answers] : batch.loops)
    if (completions == this) return void(answers.push_back(std::move(completion)));
  batch.loops.emplace_back(this, std::vector<Completion>{});
  batch.loops.back().second.push_back(std::move(completion));
}

void Completions::push_one(Completion completion) {
  std::unique_ptr<Loop> last;  // destroyed after the lock, which is its own
  const std::lock_guard lock(mutex_);
  if (abandoned_) return void(last = give_up(1));
  waiting_.push_back(std::move(completion));
  if (waiting_.size() == 1) wake();
}

void Completions::push_all(std::vector<Completion> completions) {
  std::unique_ptr<Loop> last;
  const std::lock_guard lock(mutex_);
  if (abandoned_) return void(last = give_up(completions.size()));
  const bool was_empty = waiting_.empty();
  if (was_empty)
    waiting_.swap(completions);
  else
    std::move(completions.begin(), completions.end(), std::back_inserter(waiting_));
  if (was_empty) wake();
}

std::unique_ptr<Loop> Completions::give_up(std::size_t answers) {
  unanswered_ -= answers;
  return unanswered_ == 0 ? std::move(abandoned_) : nullptr;
}

void Completions::stop_at(Moment deadline) {
  const std::lock_guard lock(mutex_);
  stop_at_ = deadline;
  wake();
}

void Completions::take(std::vector<Completion>& completions, std::optional<Moment>& stop_at) {
  completions.clear();
  const std::lock_guard lock(mutex_);
  completions.swap(waiting_);
  stop_at = stop_at_;
}

void Completions::abandon(std::unique_ptr<Loop> loop, Completions& completions, std::size_t unanswered) {
  const std::lock_guard lock(completions.mutex_);
  completions.unanswered_ = unanswered - completions.waiting_.size();
  completions.waiting_.clear();
  if (completions.unanswered_ > 0) completions.abandoned_ = std::move(loop);
}

void Completions::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);  // a full counter wakes as well
}

AnswerBatch::AnswerBatch() { ++batch_of_this_thread().depth; }

AnswerBatch::~AnswerBatch() {
  Batch& batch = batch_of_this_thread();
  if (--batch.depth > 0) return;
  auto loops = std::exchange(batch.loops, {});
  for (auto& [completions, answers] : loops) completions->push_all(std::move(answers));
}

}  // namespace paylink::http
