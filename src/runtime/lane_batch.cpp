#include "runtime/lane_batch.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "http/server.hpp"

namespace paylink::runtime {

bool WorkQueue::push(app::Work& work) {
  std::unique_lock lock(mutex_);
  if (is_closed_ || waiting_.size() >= size_max_) return false;
  waiting_.push_back(&work);
  since_.push_back(std::chrono::steady_clock::now());
  const bool is_first = waiting_.size() == 1;
  lock.unlock();
  if (is_first) wake_.notify_one();
  return true;
}

bool WorkQueue::take(Batch& batch, std::size_t most) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return false;
  take_first(batch, std::min(most, waiting_.size()));
  const bool is_more = !waiting_.empty();
  lock.unlock();
  if (is_more) wake_.notify_one();
  return true;
}

void WorkQueue::take_since(Batch& batch, Moment moment) {
  const std::lock_guard lock(mutex_);
  const auto later = std::ranges::upper_bound(since_, moment);
  take_first(batch, static_cast<std::size_t>(later - since_.begin()));
}

void WorkQueue::take_first(Batch& batch, std::size_t count) {
  if (count == waiting_.size()) {
    batch.swap(waiting_);
    since_.clear();
    return;
  }
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  batch.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  since_.erase(since_.begin(), since_.begin() + static_cast<std::ptrdiff_t>(count));
}

void WorkQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake_.notify_all();
}

Result<> run_guarded(app::Work& work, sql::Transaction& tx) noexcept {
  try {
    return work.run(tx);
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, "bug", "Something went wrong on our side.", exception.what());
  }
}

void finish(const Batch& batch, std::vector<Result<>>& outcomes) {
  const http::AnswerBatch answers;
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->done(std::move(outcomes[i]));
}

void refuse(const Batch& batch, const Error& error) {
  LOG(error, "storage_refused", {"reason", error.reason}, {"detail", error.detail});
  const http::AnswerBatch answers;
  for (app::Work* work : batch) work->done(Failure{error});
}

Result<> refuse_unreached(const Batch& batch, Failure failure) {
  refuse(batch, failure.error());
  return failure;
}

Result<> run_each(const Batch& batch, const std::function<Result<>(const Batch&)>& run) {
  for (auto work = batch.begin(); work != batch.end(); ++work) {
    auto reached = run({*work});
    if (reached) continue;
    const Batch rest(std::next(work), batch.end());
    if (!rest.empty()) refuse(rest, reached.error());
    return reached;
  }
  return {};
}

void refuse_overloaded(app::Work& work) {
  work.done(fail(ErrorCode::unavailable, "overloaded", "Too much is waiting to be stored. Try again in a moment."));
}

}  // namespace paylink::runtime
