#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
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
  // The look after one that found its chunk waits as long as that took, at most 20 ms: what it works on is there for
  // others meanwhile.
  bool gives_way = false;
};

// One thread a job. Everything about what is to be done is in the database, nothing here.
class Workers {
 public:
  explicit Workers(std::vector<WorkerJob> jobs);
  ~Workers();  // lets the looks under way end
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

 private:
  void run(const WorkerJob& job);
  struct Looks {
    int under_way = 0;
    bool found_more = false;
    std::chrono::steady_clock::time_point not_before;
  };
  void begin_look(const WorkerJob& job, Looks& looks);
  Task<Result<int>> look_on(const WorkerJob& job, Looks& looks);
  void end_look(Looks& looks);

  const std::vector<WorkerJob> jobs_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace paylink::runtime
