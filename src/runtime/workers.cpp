#include "runtime/workers.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "base/thread_name.hpp"

namespace paylink::runtime {
namespace {

constexpr int rest_per_look = 39;
constexpr std::chrono::milliseconds rest_max(100);
// Whoever has not come to an end for so long would never do so: he rests for a part of it only.
constexpr std::chrono::hours hurry_after(1);
constexpr int hurried = 10;

}  // namespace

std::chrono::nanoseconds rest_after(std::chrono::nanoseconds look, std::chrono::nanoseconds behind) {
  const int hurry = behind < hurry_after ? 1 : hurried;
  return std::min<std::chrono::nanoseconds>(look * rest_per_look, rest_max) / hurry;
}

Workers::Workers(std::vector<WorkerJob> jobs, OthersAreThere others_are_there)
    : jobs_(std::move(jobs)), others_are_there_(std::move(others_are_there)) {
  for (const WorkerJob& job : jobs_) threads_.emplace_back([this, &job] { run(job); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

// Again and again while there is more.
Task<Result<int>> Workers::look_on(const WorkerJob& job, Looks& looks) {
  for (;;) {
    const auto begun = std::chrono::steady_clock::now();
    auto found = co_await job.look(job.chunk);
    const bool has_more = found && *found >= job.chunk;
    const auto now = std::chrono::steady_clock::now();
    const bool rests = has_more && job.gives_way && others_are_there_();
    const std::lock_guard lock(mutex_);
    if (!has_more) looks.more_since.reset();
    if (!has_more) co_return found;
    if (!looks.more_since) looks.more_since = now;
    if (stopping_) co_return found;
    if (!job.gives_way && looks.under_way == job.at_once) continue;
    looks.not_before = rests ? now + rest_after(now - begun, now - *looks.more_since) : now;
    looks.found_more = true;
    wake_.notify_all();
    if (job.gives_way) co_return found;  // nobody may wait on this thread, which may be a lane's
  }
}

void Workers::end_look(Looks& looks) {
  const std::lock_guard lock(mutex_);
  --looks.under_way;
  wake_.notify_all();
}

void Workers::begin_look(const WorkerJob& job, Looks& looks) {
  start(
      look_on(job, looks),
      [this, &job, &looks](const Result<int>& found) {
        if (!found) LOG(warn, "worker_failed", {"worker", job.name}, {"detail", found.error().detail});
        end_look(looks);
      },
      // A bug in one look must not end all later ones.
      [this, &job, &looks](const std::exception_ptr& thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::exception& exception) {
          LOG(error, "bug", {"worker", job.name}, {"detail", exception.what()});
        }
        end_look(looks);
      });
}

// One looks in each interval; whoever finds as much as he may calls for another.
void Workers::run(const WorkerJob& job) {
  name_thread(job.name);
  Looks looks;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (looks.under_way < job.at_once) {
      ++looks.under_way;
      looks.found_more = false;
      lock.unlock();
      begin_look(job, looks);
      lock.lock();
    }
    const auto is_called = [&] { return stopping_ || (looks.found_more && looks.under_way < job.at_once); };
    if (wake_.wait_for(lock, job.interval, is_called))
      wake_.wait_until(lock, looks.not_before, [this] { return stopping_; });
  }
  wake_.wait(lock, [&] { return looks.under_way == 0; });
}

}  // namespace paylink::runtime
