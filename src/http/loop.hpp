#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "http/completions.hpp"
#include "http/held_bytes.hpp"
#include "http/peer_counts.hpp"
#include "http/response_writer.hpp"
#include "http/server.hpp"

namespace paylink::http {

// What all event loops of one server share.
struct ServerContext {
  Options options;
  Handler& handler;
  std::atomic<std::size_t> connections{0};
  std::shared_ptr<HeldBytes::Sum> held_bytes = std::make_shared<HeldBytes::Sum>(0);
  std::atomic<bool> is_retiring{false};
  PeerCounts peers;
};

// What the connections of one event loop share; only its thread touches it, but for `held`.
struct LoopContext {
  LoopContext(ServerContext& with, Random& random)
      : server(with),
        trace_ids(random),
        held(with.held_bytes, with.options.limits.held_bytes,
             with.options.limits.held_bytes / static_cast<std::size_t>(std::max(with.options.threads, 1))) {}

  ServerContext& server;
  TraceIds trace_ids;
  DateField date;
  // The memory of answers that have been sent, for the next ones.
  static constexpr std::size_t spare_outputs_max = 128;
  std::vector<std::string> spare_outputs;
  HeldBytes held;
  bool is_draining = false;
};

// One thread's share of a server: accepts on its own listening socket and serves what it accepted.
class Loop {
 public:
  // Takes over `listener`, a non-blocking listening socket.
  static std::unique_ptr<Loop> create(ServerContext& server, int listener, Random& random);
  virtual ~Loop() = default;

  virtual void run() = 0;  // returns some time after `stop`
  // From any thread: as Server::stop, without waiting.
  virtual void stop(Moment deadline) = 0;
  // After `run`: exchanges that nobody has answered yet. The loop lives on until they are.
  static void abandon(std::unique_ptr<Loop> loop);

 protected:
  virtual Completions& completions() = 0;
  virtual std::size_t unanswered() const = 0;
};

}  // namespace paylink::http
