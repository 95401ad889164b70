#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "oracle.hpp"

namespace paylink::faults {

struct Target {
  std::uint16_t port;
  std::string authorization;
  std::string binary;    // of the operator's commands
  std::string data_dir;  // on which they work
};

// The sharpest moment to die is right after a promise: whoever is told first pulls the trigger. Empty until it is
// armed.
using Trigger = std::atomic<pid_t>;

// Clients that create, read, pay and switch off links, and an operator who makes and revokes API keys, until they are
// stopped or the server is gone. What they do depends on the seed alone; how far they come does not.
class Workload {
 public:
  Workload(Target target, Oracle& oracle, Violations& violations, std::uint64_t seed, int cycle);
  ~Workload() { join(); }
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // The next client that has a create or payment acknowledged kills `server` with SIGKILL at once.
  void kill_at_next_ack(pid_t server) { trigger_ = server; }
  // Returns when every client has ended: at the latest when its connection broke.
  void join();

 private:
  void run_client(int index);
  void run_operator();

  const Target target_;
  Oracle& oracle_;
  Violations& violations_;
  const std::uint64_t seed_;
  const int cycle_;
  std::atomic<bool> stopping_ = false;
  Trigger trigger_ = 0;
  std::vector<std::thread> clients_;
};

}  // namespace paylink::faults
