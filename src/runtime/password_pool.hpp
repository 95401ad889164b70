#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "app/passwords.hpp"

namespace paylink::runtime {

// Argon2 on threads of its own: as many at a time as there are threads, so that its memory is bounded, and at a lower
// priority than whatever answers requests. Those that wait are served in the order in which they came; one network has
// few of the places, so that it does not keep the others out.
class PasswordPool final : public app::Passwords {
 public:
  static constexpr std::size_t threads_usual = 2;
  static constexpr std::size_t queue_usual = 64;  // the last of them waits for about two seconds
  static constexpr std::size_t network_usual = 8;

  explicit PasswordPool(std::size_t threads = threads_usual, std::size_t queue_max = queue_usual,
                        std::size_t network_max = network_usual);
  ~PasswordPool() override;
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  Task<Result<crypto::PasswordCheck>> check(Secret password, std::string hash, std::string network) override;
  Task<Result<std::string>> hash(Secret password, std::string network) override;

  // Ends what has begun, and refuses what waits and whatever still comes. Whoever waits for the pool must be able to go
  // on, so it is stopped before what they go on with.
  void stop();

 private:
  class Job;

  bool push(Job& job);
  Job* take();
  void serve();

  const std::size_t queue_max_;
  const std::size_t network_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> waiting_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace paylink::runtime
