#pragma once

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
};

// Clients that create, read and pay links until they are stopped or the server is gone. What they do depends on the
// seed alone; how far they come does not.
class Workload {
 public:
  Workload(Target target, Oracle& oracle, Violations& violations, std::uint64_t seed, int cycle);
  ~Workload() { join(); }
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Returns when every client has ended: at the latest when its connection broke.
  void join();

 private:
  void run_client(int index);

  const Target target_;
  Oracle& oracle_;
  Violations& violations_;
  const std::uint64_t seed_;
  const int cycle_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> clients_;
};

}  // namespace paylink::faults
