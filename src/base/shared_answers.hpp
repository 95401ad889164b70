#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/task.hpp"

namespace paylink {

// Answers of something slow that many want at once: of those who ask the same question one asks it, the others wait for
// his answer, and it is given to whoever asks again within its lifetime. Failures are told to all who wait and not
// remembered. Safe from any thread; whoever waits goes on where the answer arrives.
template <class Value>
class SharedAnswers {
 public:
  // At most about `size_max` answers are remembered.
  SharedAnswers(const Clock& clock, std::chrono::microseconds lifetime, std::size_t size_max)
      : clock_(clock), lifetime_(lifetime), size_max_(size_max) {}

  // `ask()` is a Task<Result<Value>>.
  template <class Ask>
  Task<Result<Value>> answer(std::string question, Ask ask) {
    std::shared_ptr<Flight> flight;
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      const auto known = answers_.find(question);
      if (known != answers_.end() && is_alive(known->second)) co_return known->second.value;
      auto& under_way = flights_[question];
      is_first = !under_way;
      if (is_first) under_way = std::make_shared<Flight>();
      flight = under_way;
    }
    if (!is_first) {
      Landing landing{mutex_, *flight};
      co_await landing;
      co_return *flight->result;
    }
    auto result = Result<Value>(Failure{});
    std::exception_ptr thrown;
    try {
      result = co_await ask();
    } catch (...) {
      thrown = std::current_exception();
    }
    if (thrown) result = fail(ErrorCode::internal, "bug", "Something went wrong on our side.", "the question threw");
    for (const std::coroutine_handle<> waiting : land(question, *flight, result)) waiting.resume();
    if (thrown) std::rethrow_exception(thrown);
    co_return result;
  }

 private:
  struct Flight {
    std::optional<Result<Value>> result;
    std::vector<std::coroutine_handle<>> waiting;
  };
  struct Known {
    Value value;
    Time until;
  };
  // What lives longer than anything does was kept before the clock was set back.
  bool is_alive(const Known& known) const {
    const auto left = known.until - clock_.now();
    return left > left.zero() && left <= lifetime_;
  }
  struct Landing {
    std::mutex& mutex;
    Flight& flight;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) const {
      const std::lock_guard lock(mutex);
      if (flight.result) return false;
      flight.waiting.push_back(waiting);
      return true;
    }
    void await_resume() const noexcept {}
  };

  std::vector<std::coroutine_handle<>> land(const std::string& question, Flight& flight, const Result<Value>& result) {
    const std::lock_guard lock(mutex_);
    flights_.erase(question);
    flight.result.emplace(result);
    if (result) {
      const Time now = clock_.now();
      if (answers_.size() >= size_max_)
        std::erase_if(answers_, [&](const auto& row) { return row.second.until <= now; });
      if (answers_.size() >= size_max_) answers_.clear();
      answers_.insert_or_assign(question, Known{*result, now + lifetime_});
    }
    return std::exchange(flight.waiting, {});
  }

  const Clock& clock_;
  const std::chrono::microseconds lifetime_;
  const std::size_t size_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> answers_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace paylink
