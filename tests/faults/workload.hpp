#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "application.hpp"
#include "client.hpp"
#include "oracle.hpp"

namespace paylink::faults {

// Where the clients go, and on what the operator works.
struct Target {
  std::vector<std::uint16_t> ports;  // each of a node, and all nodes of one installation
  std::string host;                  // under which they serve
  std::string authorization;
  std::string binary;                  // of the operator's commands
  std::vector<std::string> data_dirs;  // of each node
  std::string database;                // what all have in common, or empty
  Application application = {};
  std::string session = {};  // in which somebody allows it what it wants

  std::unique_ptr<Client> connect(std::size_t node) const {
    return std::make_unique<Client>(ports[node], authorization, host);
  }
  // Without a key.
  std::unique_ptr<Client> connect_as_nobody(std::size_t node) const {
    return std::make_unique<Client>(ports[node], std::string(), host);
  }
};

// About what something was promised.
enum class Promise : std::uint8_t { any, link, token };

// The sharpest moment to die is right after a promise: whoever is told first pulls the trigger.
class Trigger {
 public:
  using Strike = std::function<void(std::size_t node)>;

  void arm(Strike strike, Promise at);
  // Strikes once, when it is armed for such a promise; `node` is the one that has made it. Returns when it has been
  // done.
  void pull(std::size_t node, Promise made);

 private:
  std::mutex mutex_;
  Strike strike_;
  Promise at_ = Promise::any;
};

// Where a payment's refunds are, and what asks for one.
std::string refunds_path(const PaidAnswer& paid);
inline constexpr std::string_view refund_body = R"({"refund":{"amount":{"value":"0.40","currency":"EUR"}}})";

// Clients that create, read, pay, refund and switch off links, applications that come by tokens and end them, and an
// operator who makes and revokes API keys, until they are stopped or the only server is gone; where there are several,
// any of them is asked. What they do depends on the seed alone; how far they come does not.
class Workload {
 public:
  Workload(Target target, Oracle& oracle, Violations& violations, std::uint64_t seed, int cycle);
  ~Workload() { join(); }
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Pulled by the next client that has a create, payment, refund, deactivation or step with a token acknowledged.
  Trigger& trigger() { return trigger_; }
  // Returns when every client has ended: at the latest when it has its answer.
  void join();

 private:
  void run_client(int index);
  void run_applicant(int index);
  void run_operator();

  const Target target_;
  Oracle& oracle_;
  Violations& violations_;
  const std::uint64_t seed_;
  const int cycle_;
  std::atomic<bool> stopping_ = false;
  Trigger trigger_;
  std::vector<std::thread> clients_;
};

}  // namespace paylink::faults
