#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace paylink::runtime {

// What slow reads pass on their way in and out. Where one always begins before another ends, SQLite's log of writes
// could never begin anew: while the gate is closed none begins. Safe from any thread.
class ReadGate {
 public:
  // Reads wait while it is closed: for those inside no longer than `patience`, and once nobody is, for whoever closed
  // it no longer than his `turn`. They are late then, and never refused.
  ReadGate(std::chrono::milliseconds patience, std::chrono::milliseconds turn) : patience_(patience), turn_(turn) {}

  void enter();
  void leave();

  void open();
  // Answers whether nobody is inside.
  bool close();

 private:
  const std::chrono::milliseconds patience_, turn_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
  int inside_ = 0;
};

}  // namespace paylink::runtime
