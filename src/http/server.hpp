#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "http/client_network.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace paylink::http {

// Everything a peer can make us spend. Sizes in bytes. The edges are tested, and one past them.
struct Limits {
  std::size_t head_bytes = 16 * 1024;            // request line and fields: 431
  std::size_t fields = 100;                      // 431
  std::size_t body_bytes = 256 * 1024;           // 413
  std::chrono::milliseconds head_time{10'000};   // from the first byte of a request to the end of its head: 408
  std::size_t body_bytes_per_second = 1024;      // slower is 408, after a grace of head_time
  std::chrono::milliseconds idle_time{75'000};   // between requests: closed without a word
  std::chrono::milliseconds write_time{30'000};  // an answer the peer does not read
  // What all connections together hold of requests that have not arrived and of answers that have not been read;
  // beyond: those are closed that hold much and have done so for long, and where nobody is left, requests get 503.
  std::size_t held_bytes = 128 * 1024 * 1024;
  std::size_t connections = 20'000;            // beyond: the longest idle one is closed, else the new one
  std::size_t connections_per_client = 2'000;  // beyond: the new one is closed
};

struct Options {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: any free one
  int threads = 1;                    // event loops, one thread each
  std::string thread_name = "loop";   // of each
  Limits limits;
  // Values of Host that are served (lower case, with port unless default); others get 421. Empty: every host.
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> any_host_paths;  // served under every Host all the same, such as what balancers look at
  // Peers whose X-Forwarded-For is believed (numeric addresses): the last address not in this list is the client.
  std::vector<std::string> trusted_proxies;
  // Whether connections from this machine count for `connections_per_client`. Those of trusted proxies never do: behind
  // one, nobody knows who opened a connection.
  Loopback loopback = Loopback::limited;
};

// One request and the place for its answer.
class Exchange {
 public:
  virtual const Request& request() const = 0;
  // For the handler, while it handles the request: comes back in `Request::note` of `Handler::answered`.
  virtual void note(std::uint32_t) noexcept {}
  // From any thread, before it is answered: whether there is room for another large answer. On the exchange's event
  // loop, connections that hold much and have done so for long are closed to make it. `handle` is called only where
  // there is room; whoever makes large answers later asks again before it begins.
  virtual bool has_room() noexcept { return true; }
  // Exactly once, from any thread. The exchange, its request and every view into it may be gone when this returns.
  virtual void respond(Response response) noexcept = 0;
  // The same; what takes longer to make than other threads should spend is made on the exchange's event loop. `make`
  // must not throw.
  virtual void respond_on_loop(std::function<Response()> make) noexcept = 0;
  // Before it is answered: goes on with `step` on the exchange's event loop, at once when this is its thread. `step`
  // must not throw. It is dropped when the server stops without waiting for it.
  virtual void continue_on_loop(std::function<void()> step) noexcept = 0;
  // Instead of an answer, on the exchange's event loop: its connection leaves the server, and the socket, which is
  // non-blocking, is the caller's. The exchange may be gone then. -1: it cannot be, and has to be answered.
  virtual int take_over() noexcept { return -1; }

 protected:
  ~Exchange() = default;
};

// Called on an event loop's thread; must not block. `exchange` stays valid until it is answered.
class Handler {
 public:
  virtual void handle(Exchange& exchange) noexcept = 0;
  // What the server itself refuses (4xx of framing and limits, after which the connection closes; 503 without room).
  virtual Response refuse(int status, std::string_view reason, std::string_view message,
                          std::string_view trace_id) noexcept = 0;
  // After every answer, for the access log. `microseconds` from the complete request to the answer.
  virtual void answered(const Request& request, int status, std::int64_t microseconds) noexcept = 0;
  // On each loop's thread, after whatever was ready at one moment has been handled: the place to let go of what was
  // held for several requests.
  virtual void settled() noexcept {}

 protected:
  ~Handler() = default;
};

// A strict HTTP/1.1 server: keep-alive, pipelining (answers in order), Content-Length and chunked bodies, Expect:
// 100-continue, HEAD. Whatever is ambiguous (RFC 9112) gets 400 and the connection closes.
class Server {
 public:
  // Binds and listens; fails with `address_in_use` in a sentence that names the address.
  static Result<std::unique_ptr<Server>> create(const Options& options, Handler& handler, Random& random);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  virtual void start() = 0;  // accepts from here on
  // Serves on, but from here on an answer ends its connection, unless its client has sent more already. For the time
  // before `stop` in which whoever sends requests here is to learn that he should go elsewhere.
  virtual void retire() = 0;
  // Stops accepting, lets requests under way finish for at most `grace`, closes idle connections, joins the threads.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

// While one is alive on a thread, answers given on that thread are collected, and handed to the event loops with one
// wake-up each when it ends. For whoever answers many exchanges at once.
class AnswerBatch {
 public:
  AnswerBatch();
  ~AnswerBatch();
  AnswerBatch(const AnswerBatch&) = delete;
  AnswerBatch& operator=(const AnswerBatch&) = delete;
};

}  // namespace paylink::http
