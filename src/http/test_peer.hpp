#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "http/server.hpp"

// For tests: a server with a simple handler, and a raw socket to talk to it.
namespace paylink::http {

using std::chrono::milliseconds;
inline constexpr milliseconds patience{5'000};

// Answers `METHOD target|body|client` with status 200; `/hold…` waits for the test to answer, `/big/<n>` has a body of
// n bytes, `/204` none, `/pause/<ms>` is held back for so long, `/call` calls what the test wants called, and
// `/exchange` leaves the answer to that. Refusals have
// their reason as body.
class TestServer final : public Handler {
 public:
  explicit TestServer(const Options& options = {}) {
    auto server = Server::create(options, *this, random_);
    ENSURE(server);
    server_ = *std::move(server);
    server_->start();
  }
  ~TestServer() { server_.reset(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  void handle(Exchange& exchange) noexcept override {
    const Request& request = exchange.request();
    ++unsettled_;
    if (request.path.starts_with("/hold")) {
      const std::lock_guard lock(mutex_);
      held_.push_back(&exchange);
      changed_.notify_all();
      return;
    }
    if (request.path == "/call") {
      const std::lock_guard lock(mutex_);
      call_();
    }
    if (request.path == "/exchange") {
      const std::lock_guard lock(mutex_);
      return handle_(exchange);
    }
    exchange.note(7);
    if (request.path == "/204") return exchange.respond({204, {}, {}, {}});
    if (request.path.starts_with("/pause/")) {
      int pause = 0;
      const std::string_view digits = request.path.substr(7);
      std::from_chars(digits.data(), digits.data() + digits.size(), pause);
      return exchange.respond({200, "text/plain", "paused", {}, milliseconds(pause)});
    }
    if (request.path.starts_with("/big/")) {
      std::size_t size = 0;
      const std::string_view digits = request.path.substr(5);
      std::from_chars(digits.data(), digits.data() + digits.size(), size);
      return exchange.respond({200, "text/plain", std::string(size, 'x'), {}});
    }
    std::string text(method_name(request.method));
    text.append(" ").append(request.target).append("|").append(request.body).append("|").append(request.client_address);
    exchange.respond({200, "text/plain", std::move(text), {}});
  }

  Response refuse(int status, std::string_view reason, std::string_view, std::string_view) noexcept override {
    return {status, "text/plain", std::string(reason), {}};
  }

  void answered(const Request& request, int, std::int64_t) noexcept override {
    ++answered_;
    if (request.note == 7) ++noted_;
  }

  void settled() noexcept override {
    unsettled_ = 0;
    ++turns_;
  }

  std::uint16_t port() const { return server_->port(); }
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
  }
  void retire() { server_->retire(); }
  void stop(milliseconds grace) { server_->stop(grace); }
  void destroy() { server_.reset(); }
  int answered_count() const { return answered_; }
  int noted_count() const { return noted_; }          // of those, how many came back with the note of `handle`
  int unsettled_count() const { return unsettled_; }  // requests since the server last said `settled`
  int turn_count() const { return turns_; }           // how often it said so

  void when_called(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    call_ = std::move(call);
  }
  void when_handled(std::function<void(Exchange&)> handle) {
    const std::lock_guard lock(mutex_);
    handle_ = std::move(handle);
  }

  // What was left unanswered, once there are `count`; fewer when they do not come.
  std::vector<Exchange*> held(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return held_.size() >= count; });
    return std::exchange(held_, {});
  }

 private:
  SystemRandom random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Exchange*> held_;
  std::atomic<int> answered_{0};
  std::atomic<int> noted_{0};
  std::atomic<int> unsettled_{0};
  std::atomic<int> turns_{0};
  std::function<void()> call_;
  std::function<void(Exchange&)> handle_;
  std::unique_ptr<Server> server_;
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  // Empty: not there.
  std::string field(std::string_view name) const {
    const std::string line = "\r\n" + std::string(name) + ": ";
    const std::size_t at = head.find(line);
    if (at == std::string::npos) return {};
    return head.substr(at + line.size(), head.find("\r\n", at + 2) - at - line.size());
  }
};

// The complete answers in `bytes`, to requests that were not HEAD.
inline std::vector<Answer> parse_answers(std::string_view bytes) {
  std::vector<Answer> answers;
  for (;;) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return answers;
    Answer answer{std::stoi(std::string(bytes.substr(9, 3))), std::string(bytes.substr(0, end + 2)), {}};
    const std::string length = answer.field("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    if (bytes.size() < end + 4 + size) return answers;
    answer.body = bytes.substr(end + 4, size);
    bytes.remove_prefix(end + 4 + size);
    answers.push_back(std::move(answer));
  }
}

// One connection to a port of loopback. Every wait ends at some time.
class TestSocket {
 public:
  explicit TestSocket(std::uint16_t port, const char* from = "127.0.0.1")
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestSocket() { ::close(descriptor_); }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  bool is_connected() const { return is_connected_; }
  void finish_sending() const { ::shutdown(descriptor_, SHUT_WR); }

  // Closes rudely: the peer sees a reset.
  void reset() {
    const linger rude{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &rude, sizeof rude);
    ::close(descriptor_);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  }

  // False when the peer has closed, or has not read for long.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      pollfd event{descriptor_, POLLOUT, 0};
      if (::poll(&event, 1, static_cast<int>(patience.count())) <= 0) return false;
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  enum class End : std::uint8_t { kept, closed, reset };
  struct Heard {
    std::string bytes;
    End end = End::kept;
  };
  // Everything until the peer closes or `is_enough`, or has been silent for `silence`.
  template <class IsEnough>
  Heard hear(milliseconds silence, IsEnough is_enough) const {
    Heard heard;
    char part[16 * 1024];
    while (!is_enough(heard.bytes)) {
      pollfd event{descriptor_, POLLIN, 0};
      if (::poll(&event, 1, static_cast<int>(silence.count())) <= 0) return heard;
      const auto received = ::recv(descriptor_, part, sizeof part, 0);
      if (received <= 0) {
        heard.end = received == 0 ? End::closed : End::reset;
        return heard;
      }
      heard.bytes.append(part, static_cast<std::size_t>(received));
    }
    return heard;
  }
  Heard hear(milliseconds silence = patience) const {
    return hear(silence, [](const std::string&) { return false; });
  }
  std::vector<Answer> hear_answers(std::size_t count) const {
    return parse_answers(
        hear(patience, [&](const std::string& bytes) { return parse_answers(bytes).size() >= count; }).bytes);
  }

 private:
  int descriptor_;
  bool is_connected_ = false;
};

}  // namespace paylink::http
