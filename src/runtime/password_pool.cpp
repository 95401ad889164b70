#include "runtime/password_pool.hpp"

#include <algorithm>
#include <functional>

#include "base/thread_name.hpp"
#include "runtime/thread_priority.hpp"

namespace paylink::runtime {

// Lives in the coroutine that waits for it. `co_await` it: true when it was done, false when it was refused.
class PasswordPool::Job {
 public:
  Job(PasswordPool& pool, std::string network, std::function<void()> work)
      : pool_(pool), network_(std::move(network)), work_(std::move(work)) {}

  const std::string& network() const { return network_; }

  bool await_ready() const noexcept { return false; }
  // Once it is in the queue another thread may go on with its coroutine, and this may be gone.
  bool await_suspend(std::coroutine_handle<> coroutine) {
    waiting_ = coroutine;
    return pool_.push(*this);
  }
  bool await_resume() {
    if (thrown_) std::rethrow_exception(thrown_);
    return is_done_;
  }

  void run() noexcept {
    try {
      work_();
      is_done_ = true;
    } catch (...) {
      thrown_ = std::current_exception();
    }
    waiting_.resume();
  }
  void refuse() noexcept { waiting_.resume(); }

 private:
  PasswordPool& pool_;
  std::string network_;
  std::function<void()> work_;
  std::coroutine_handle<> waiting_;
  std::exception_ptr thrown_;
  bool is_done_ = false;
};

namespace {

Failure overloaded() {
  return fail(ErrorCode::unavailable, "overloaded", "Too many passwords wait to be checked. Try again in a moment.");
}

}  // namespace

PasswordPool::PasswordPool(std::size_t threads, std::size_t queue_max, std::size_t network_max)
    : queue_max_(queue_max), network_max_(network_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

PasswordPool::~PasswordPool() { stop(); }

void PasswordPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Task<Result<crypto::PasswordCheck>> PasswordPool::check(Secret password, std::string hash, std::string network) {
  auto outcome = crypto::PasswordCheck::wrong;
  Job job(*this, std::move(network), [&] { outcome = crypto::check_password(password, hash); });
  if (!co_await job) co_return overloaded();
  co_return outcome;
}

Task<Result<std::string>> PasswordPool::hash(Secret password, std::string network) {
  Result<std::string> hashed = overloaded();
  Job job(*this, std::move(network), [&] { hashed = crypto::hash_password(password); });
  co_await job;
  co_return std::move(hashed);
}

bool PasswordPool::push(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || waiting_.size() >= queue_max_) return false;
    const auto of_network = std::ranges::count(waiting_, job.network(), &Job::network);
    if (static_cast<std::size_t>(of_network) >= network_max_) return false;
    waiting_.push_back(&job);
  }
  wake_.notify_one();
  return true;
}

// Null: it is over. What waits then is refused by whichever thread finds it.
PasswordPool::Job* PasswordPool::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
  while (is_stopping_) {
    if (waiting_.empty()) return nullptr;
    Job* const refused = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    refused->refuse();
    lock.lock();
  }
  Job* const next = waiting_.front();
  waiting_.pop_front();
  return next;
}

void PasswordPool::serve() {
  name_thread("passwords");
  lower_priority_of_this_thread();
  while (Job* const job = take()) job->run();
}

}  // namespace paylink::runtime
