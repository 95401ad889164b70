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

bool Workers::look(const WorkerJob& job, int at_once) {
  std::vector<std::future<Result<int>>> looks;
  for (int i = 0; i < at_once; ++i) looks.push_back(begin(job.look(job.chunk)));
  bool more = false;
  for (auto& look : looks) {
    try {
      const auto found = look.get();
      more = more || (found && *found >= job.chunk);
      if (!found) LOG(warn, "worker_failed", {"worker", job.name}, {"detail", found.error().detail});
    } catch (const std::exception& exception) {
      // A bug in one look must not end all later ones.
      LOG(error, "bug", {"worker", job.name}, {"detail", exception.what()});
    }
  }
  return more;
}

void Workers::run(const WorkerJob& job) {
  name_thread(job.name);
  bool more = false;
  do {
    // One is enough to see that there is nothing.
    more = look(job, more ? job.at_once : 1);
  } while (!wait(more ? std::chrono::milliseconds(0) : job.interval));
}

}  // namespace paylink::runtime
