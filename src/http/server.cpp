#include "http/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "base/thread_name.hpp"
#include "http/hosts.hpp"
#include "http/loop.hpp"

namespace paylink::http {
namespace {

constexpr int backlog = 4096;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* any() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::uint16_t port() const {
    return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                                               : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  }
};

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
  Address address;
  auto& narrow = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& wide = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, text.c_str(), &narrow.sin_addr) == 1) {
    narrow.sin_family = AF_INET;
    narrow.sin_port = htons(port);
    address.size = sizeof narrow;
  } else if (::inet_pton(AF_INET6, text.c_str(), &wide.sin6_addr) == 1) {
    wide.sin6_family = AF_INET6;
    wide.sin6_port = htons(port);
    address.size = sizeof wide;
  } else {
    return fail(ErrorCode::invalid_input, "invalid_address", "\"" + text + "\" is not a numeric address to listen on.");
  }
  return address;
}

std::string spelled(const std::string& address, std::uint16_t port) {
  const bool is_wide = address.find(':') != std::string::npos;
  return (is_wide ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

Failure cannot_listen(const std::string& where, int error) {
  if (error == EADDRINUSE)
    return fail(ErrorCode::unavailable, "address_in_use", "Another program already listens on " + where + ".");
  return fail(ErrorCode::unavailable, "cannot_listen", "Cannot listen on " + where + ": " + std::strerror(error) + ".");
}

// The first socket is bound without SO_REUSEPORT, which fails when anybody is there, and gets it afterwards, so that
// those of our other threads may join.
enum class Place : std::uint8_t { only, first, further };

// A listening socket; `address` becomes what it is bound to. TCP_NODELAY is inherited by what it accepts.
Result<Descriptor> listen_on(Address& address, const std::string& where, Place place) {
  Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const auto set = [&](int level, int option) {
    return ::setsockopt(socket.value(), level, option, &on, sizeof on) == 0;
  };
  const bool is_ready = socket.value() >= 0 && set(SOL_SOCKET, SO_REUSEADDR) && set(IPPROTO_TCP, TCP_NODELAY) &&
                        (place != Place::further || set(SOL_SOCKET, SO_REUSEPORT)) &&
                        ::bind(socket.value(), address.any(), address.size) == 0 &&
                        (place != Place::first || set(SOL_SOCKET, SO_REUSEPORT)) &&
                        ::listen(socket.value(), backlog) == 0;
  if (!is_ready) return cannot_listen(where, errno);
  address.size = sizeof address.storage;
  if (::getsockname(socket.value(), reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0)
    return cannot_listen(where, errno);
  return socket;
}

class ThreadedServer final : public Server {
 public:
  ThreadedServer(const Options& options, Handler& handler, std::uint16_t port, std::uint64_t seed)
      : context_{.options = options, .handler = handler, .peers = PeerCounts(seed)}, port_(port) {}
  ~ThreadedServer() override {
    stop(std::chrono::milliseconds(0));
    for (auto& loop : loops_) Loop::abandon(std::move(loop));
  }

  void add(Descriptor listener, Random& random) {
    loops_.push_back(Loop::create(context_, listener.release(), random));
  }

  std::uint16_t port() const override { return port_; }

  void start() override {
    for (auto& loop : loops_)
      threads_.emplace_back([&loop = *loop, name = context_.options.thread_name] {
        name_thread(name);
        loop.run();
      });
  }

  void retire() override { context_.is_retiring.store(true, std::memory_order_relaxed); }

  void stop(std::chrono::milliseconds grace) override {
    if (threads_.empty()) return;
    const Moment deadline = std::chrono::steady_clock::now() + grace;
    for (auto& loop : loops_) loop->stop(deadline);
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  ServerContext context_;
  std::uint16_t port_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const Options& options, Handler& handler, Random& random) {
  Options checked = options;
  for (std::string& proxy : checked.trusted_proxies) {
    auto address = canonical_address(proxy);
    if (!address)
      return fail(ErrorCode::invalid_input, "invalid_address",
                  "\"" + proxy + "\" is not a numeric address of a proxy.");
    proxy = *std::move(address);
  }
  auto address = TRY(parse_address(options.address, options.port));
  const int threads = std::max(options.threads, 1);
  std::vector<Descriptor> listeners;
  for (int i = 0; i < threads; ++i) {
    const Place place = threads == 1 ? Place::only : i == 0 ? Place::first : Place::further;
    auto listener = TRY(listen_on(address, spelled(options.address, options.port), place));
    listeners.push_back(std::move(listener));
  }
  auto server = std::make_unique<ThreadedServer>(checked, handler, address.port(), random.number());
  for (Descriptor& listener : listeners) server->add(std::move(listener), random);
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace paylink::http
