#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "base/result.hpp"
#include "http/client.hpp"
#include "simulator/database.hpp"
#include "simulator/faults.hpp"

namespace paylink::simulator {

// Sends what is queued in the table `notifications`, on a thread of its own: at once and then on Mollie's schedule
// until it is answered with 2xx, ten times at most. What was sent and not recorded before a crash is sent again. Each
// notification may meet a fault once, when it is sent for the first time.
class Notifier {
 public:
  Notifier(Database& database, http::Client& client, FaultDial& faults);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void start();
  void stop();
  void wake();  // there may be something new; without it, it looks every 100 ms

 private:
  struct Inbox;  // what the client's thread reports; outlives this while something is under way

  void run();
  Result<> record_outcomes();
  Result<> send_due();
  void send(std::int64_t number, Time now, std::string_view url, std::string_view payment_id);
  bool meets_fault(std::int64_t number, Time now, std::string_view url, std::string_view payment_id);

  Database& database_;
  http::Client& client_;
  FaultDial& faults_;
  std::shared_ptr<Inbox> inbox_;
  std::set<std::int64_t> under_way_;  // numbers; only the own thread's
  std::set<std::int64_t> delayed_;    // the same, of those that have met a fault and are still to be sent
  std::thread thread_;
};

}  // namespace paylink::simulator
