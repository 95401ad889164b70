#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client.hpp"

namespace paylink::scenario {

// A server that answers the same whatever it is asked: each connection gets the next of `answers` (the last one again
// when there are no more) as it stands, and is closed. An empty answer closes without a word.
class CannedServer {
 public:
  explicit CannedServer(std::vector<std::string> answers);
  ~CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What came so far, each with its head and body.
  std::vector<std::string> requests() const;

 private:
  void serve();
  void answer(int connection);

  const std::vector<std::string> answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// An answer as it goes over the wire.
std::string canned(int status, const std::string& body, const Fields& fields = {});

// The value of a field of a request as `requests` gives it; empty when it is not there.
std::string field_of(const std::string& request, const std::string& name);

}  // namespace paylink::scenario
