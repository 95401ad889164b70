#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "app/lane.hpp"

// What the lanes of every engine share: what waits, and how it is run and answered.
namespace paylink::runtime {

// When waiting work hears of its outcome. `before_commit` exists so that the fault harness can prove that it would
// notice: no program that is shipped passes it.
enum class Answer : std::uint8_t { after_commit, before_commit };
// The broken lane commits so much later: however fast the disk is, what it answered can be lost.
constexpr std::chrono::milliseconds commit_too_late{10};

using Batch = std::vector<app::Work*>;
using Moment = std::chrono::steady_clock::time_point;

// Work that waits for a lane's threads. Safe from any thread.
class WorkQueue {
 public:
  // At most `size_max` wait.
  explicit WorkQueue(std::size_t size_max) : size_max_(size_max) {}

  // False when it is full or closed.
  bool push(app::Work& work);
  // Waits for work, and moves at most `most` of it to `batch`, which is empty. False when the queue is closed and
  // empty.
  bool take(Batch& batch, std::size_t most);
  // Moves all that has been waiting since `moment`, or longer, to `batch`, which is empty, without waiting for any.
  void take_since(Batch& batch, Moment moment);
  // Nothing more comes in; what is in it is still taken.
  void close();

 private:
  void take_first(Batch& batch, std::size_t count);

  const std::size_t size_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Batch waiting_;
  std::vector<Moment> since_;  // when each of them came
  bool is_closed_ = false;
};

// Work that throws has a bug; it must not take the batch, or the lane, with it.
Result<> run_guarded(app::Work& work, sql::Transaction& tx) noexcept;

// Tells every work its outcome; each event loop is woken once.
void finish(const Batch& batch, std::vector<Result<>>& outcomes);
// None of them was done.
void refuse(const Batch& batch, const Error& error);
// The same, as there is no server to be reached; answers why.
Result<> refuse_unreached(const Batch& batch, Failure failure);
// Each of a batch by `run`, alone, until that says that there is no server to be reached.
Result<> run_each(const Batch& batch, const std::function<Result<>(const Batch&)>& run);
// There is no room in the queue.
void refuse_overloaded(app::Work& work);

}  // namespace paylink::runtime
