#include "runtime/workers.hpp"

#include <exception>

#include "base/log.hpp"
#include "base/thread_name.hpp"
#include "runtime/run_now.hpp"

namespace paylink::runtime {

Workers::Workers(std::vector<WorkerJob> jobs) : jobs_(std::move(jobs)) {
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

bool Workers::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, time, [this] { return stopping_; });
}

void Workers::run(const WorkerJob& job) {
  name_thread(job.name);
  for (;;) {
    bool more = false;
    try {
      const auto found = run_now(job.look(job.chunk));
      more = found && *found >= job.chunk;
      if (!found) LOG(warn, "worker_failed", {"worker", job.name}, {"detail", found.error().detail});
    } catch (const std::exception& exception) {
      // A bug in one look must not end all later ones.
      LOG(error, "bug", {"worker", job.name}, {"detail", exception.what()});
    }
    if (wait(more ? std::chrono::milliseconds(0) : job.interval)) return;
  }
}

}  // namespace paylink::runtime
