#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"

namespace paylink::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::chrono::milliseconds timeout{10'000};  // of the whole exchange
  std::size_t answer_bytes_max = 1024 * 1024;
};

struct ClientResponse {
  int status = 0;
  std::string content_type;
  std::string location;
  std::string retry_after;
  std::string body;
};

// What one client may take up.
struct ClientLimits {
  std::size_t calls = 2'000;      // under way or waiting; more could not be answered within their timeout
  long connections = 256;         // beyond, calls wait for one, within their timeout
  long connections_to_host = 64;  // of `connections`, to one host and port
  std::chrono::milliseconds connect_time{5'000};
};

// Outgoing HTTP on one thread of its own (libcurl multi). Never follows a redirect, never sends a cookie, ignores proxy
// variables of the environment. The awaiting coroutine resumes on the client's thread, or at once when the call is
// refused. A request, POST included, whose reused connection turns out to be dead before anything was answered is sent
// once more on another, which RFC 9112 9.3.1 allows for what is idempotent: what must happen once carries a key.
class Client {
 public:
  static std::unique_ptr<Client> create(const ClientLimits& limits = {});
  virtual ~Client() = default;
  // Fails with `unavailable`: reason `overloaded` (too many calls) or `connect_failed` (nothing was sent in either
  // case), `timed_out` or `broken_answer` (it may have been received).
  virtual Task<Result<ClientResponse>> send(ClientRequest request) = 0;
  // Lets time pass before the coroutine goes on, on the client's thread; none when the client is stopping.
  virtual Task<void> wait(std::chrono::milliseconds time) = 0;
  // Everything under way fails at once, and whatever is sent from now on. When it returns nothing resumes on the
  // client's thread any more. Not from that thread.
  virtual void stop() = 0;
};

}  // namespace paylink::http
