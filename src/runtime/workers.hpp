#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"

namespace paylink::runtime {

// Something done again and again: claims rows whose time has come and deals with them.
struct WorkerJob {
  std::string name;
  std::chrono::milliseconds interval;          // between two looks that found nothing more
  int chunk;                                   // a look that found this many is followed by another at once
  std::function<Task<Result<int>>(int)> look;  // deals with at most so many, answers how many there were
  // Looks that share what is due while there is more, none of which waits for another: for those that mostly wait for
  // somebody else.
  int at_once = 1;
  // For bulk that nobody waits for: while others are there, each look that found its chunk is followed by a rest.
  bool gives_way = false;
};

// How long a job that gives way rests after a look that took so long: a job has a fortieth of the time, and looks
// almost ten times a second at least as long as its looks are short. Without that floor a slow disk would bring it to
// a halt. `behind` is for how long each look has found more: after an hour it rests for a tenth of that.
std::chrono::nanoseconds rest_after(std::chrono::nanoseconds look, std::chrono::nanoseconds behind = {});

// One thread a job. Everything about what is to be done is in the database, nothing here.
class Workers {
 public:
  using OthersAreThere = std::function<bool()>;

  // `others_are_there`, asked from any thread: whether there is anybody to give way to.
  explicit Workers(std::vector<WorkerJob> jobs, OthersAreThere others_are_there = [] { return true; });
  ~Workers();  // lets the looks under way end
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  void run(const WorkerJob& job);
  struct Looks {
    int under_way = 0;
    bool found_more = false;
    std::chrono::steady_clock::time_point not_before;
    std::optional<std::chrono::steady_clock::time_point> more_since;  // each look found more
  };
  void begin_look(const WorkerJob& job, Looks& looks);
  Task<Result<int>> look_on(const WorkerJob& job, Looks& looks);
  void end_look(Looks& looks);

  const std::vector<WorkerJob> jobs_;
  const OthersAreThere others_are_there_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace paylink::runtime
