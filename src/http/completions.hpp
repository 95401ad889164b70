#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "http/response.hpp"
#include "http/response_writer.hpp"

namespace paylink::http {

class Connection;
class Loop;

struct Completion {
  Connection* connection;
  Response response;
  std::function<Response()> make = nullptr;  // makes the response on the loop's thread
  std::function<void()> step = nullptr;      // goes on there, and answers later
};

// Answers from other threads on their way to one event loop, which is woken when the first one arrives. Safe from any
// thread. Outlives its server when exchanges are still unanswered then: it owns the loop until the last answer has
// come.
class Completions {
 public:
  Completions();
  ~Completions();
  Completions(const Completions&) = delete;
  Completions& operator=(const Completions&) = delete;

  // Joins the AnswerBatch of this thread, if there is one.
  void push(Completion completion);
  void push_all(std::vector<Completion> completions);
  void stop_at(Moment deadline);

  // For the loop: an eventfd that becomes readable, and what has come since the last call.
  int wake_descriptor() const { return wake_; }
  void take(std::vector<Completion>& completions, std::optional<Moment>& stop_at);

  // The loop's thread has ended and `unanswered` exchanges have not been taken yet. Destroys the loop with the last.
  static void abandon(std::unique_ptr<Loop> loop, Completions& completions, std::size_t unanswered);

 private:
  void push_one(Completion completion);
  std::unique_ptr<Loop> give_up(std::size_t answers);
  void wake() const;  // with the lock held: afterwards the loop may be gone

  int wake_;
  std::mutex mutex_;
  std::vector<Completion> waiting_;
  std::optional<Moment> stop_at_;
  std::unique_ptr<Loop> abandoned_;
  std::size_t unanswered_ = 0;
};

}  // namespace paylink::http
