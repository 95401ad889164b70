#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "base/ensure.hpp"

// What goes wrong between a client and a PostgreSQL server, for tests.
namespace paylink::sql::postgres::testing {

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    const int yes = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  void close() {
    if (is_open()) ::close(descriptor_);
    descriptor_ = -1;
  }
  // What has come; empty when the other side has hung up.
  std::string receive() const {
    char part[16'384];
    const ssize_t got = ::recv(descriptor_, part, sizeof part, 0);
    return got <= 0 ? std::string() : std::string(part, static_cast<std::size_t>(got));
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  int descriptor_;
};

// Reads what a client says, message by message, and knows which of them asks to commit.
class ClientMessages {
 public:
  void add(std::string_view bytes) { pending_.append(bytes); }
  // The next whole message; empty when it has not come yet.
  std::string take() {
    const std::size_t header = has_started_ ? 5 : 4;
    if (pending_.size() < header) return {};
    const std::size_t size = number_at(header - 4) + header - 4;
    if (pending_.size() < size) return {};
    std::string message = pending_.substr(0, size);
    // Before it starts a client asks whether it may encrypt.
    if (!has_started_) has_started_ = number_at(4) != 80'877'103 && number_at(4) != 80'877'104;
    pending_.erase(0, size);
    if (message.front() == 'P' && text_at(message, 1) == "COMMIT") commits_.insert(text_at(message, 0));
    return message;
  }
  // Of a message with a type.
  bool is_commit(const std::string& message) const {
    return has_started_ && message.front() == 'B' && commits_.contains(text_at(message, 1));
  }

 private:
  std::size_t number_at(std::size_t offset) const {
    std::size_t number = 0;
    for (std::size_t i = offset; i < offset + 4; ++i) number = number * 256 + static_cast<unsigned char>(pending_[i]);
    return number;
  }
  // The texts a message begins with.
  static std::string text_at(const std::string& message, int index) {
    std::size_t begin = 5;
    for (; index > 0; --index) begin = message.find('\0', begin) + 1;
    return message.substr(begin, message.find('\0', begin) - begin);
  }

  std::string pending_;
  bool has_started_ = false;
  std::set<std::string> commits_;  // the names of prepared statements
};

// What becomes of the next COMMIT; in nearly each case the client loses its connection.
enum class Fault : std::uint8_t {
  none,
  not_sent,         // the server hears nothing of it, but that the client is gone
  late,             // the server hears of it when `release` is called, and not that the client is gone
  client_gone,      // the server hears of it, and commits if it can
  answer_lost,      // the server has committed
  answer_withheld,  // the same, and nobody gets in any more
  standby_away,     // the same, and every later one is `unanswered`
  unanswered,       // the server has committed, and nobody hears of it; the connection stays
};

// Stands between clients and the server, and is transparent until it is told otherwise.
class Proxy {
 public:
  // `url` is the server's: `postgresql://USER@ADDRESS:PORT/…`.
  explicit Proxy(const std::string& url) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::size_t address = url.find('@') + 1, colon = url.find(':', address), end = url.find('/', colon);
    ENSURE(::inet_pton(AF_INET, url.substr(address, colon - address).c_str(), &server_.sin_addr) == 1);
    server_.sin_family = AF_INET;
    server_.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, end - colon - 1))));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    ENSURE(::bind(listener_.descriptor(), reinterpret_cast<const sockaddr*>(&own), size) == 0);
    ENSURE(::listen(listener_.descriptor(), 64) == 0);
    ENSURE(::getsockname(listener_.descriptor(), reinterpret_cast<sockaddr*>(&own), &size) == 0);
    url_ = url.substr(0, address) + "127.0.0.1:" + std::to_string(ntohs(own.sin_port)) + url.substr(end);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~Proxy() {
    is_over_ = true;
    accepting_.join();
    for (std::thread& thread : serving_) thread.join();
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  const std::string& url() const { return url_; }
  void break_next_commit(Fault fault) { fault_ = fault; }
  void release() { is_released_ = true; }
  // Nobody gets in, and whoever is in is thrown out.
  void close() {
    is_closed_ = true;
    while (inside_ > 0) ::poll(nullptr, 0, tick_ms);
  }
  void open() { is_closed_ = false; }

 private:
  static constexpr int tick_ms = 10;
  static constexpr int begins_ms = 100;  // in which a server begins with what it was sent

  void accept_all() {
    while (!is_over_) {
      pollfd wanted{listener_.descriptor(), POLLIN, 0};
      if (::poll(&wanted, 1, tick_ms) <= 0) continue;
      const int client = ::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      if (is_closed_)
        ::close(client);
      else
        let_in(client);
    }
  }

  void let_in(int client) {
    ++inside_;
    serving_.emplace_back([this, client] {
      serve(Socket(client));
      --inside_;
    });
  }

  Fault next_fault() {
    const Fault next = fault_;
    if (next != Fault::unanswered) fault_ = Fault::none;
    return next;
  }

  void serve(const Socket& client) {
    const Socket server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(server.descriptor(), reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0) return;
    ClientMessages messages;
    Fault fault = Fault::none;
    std::string late, swallowed;
    while (!is_over_ && !is_closed_) {
      pollfd wanted[] = {{client.descriptor(), POLLIN, 0}, {server.descriptor(), POLLIN, 0}};
      if (::poll(wanted, 2, tick_ms) <= 0) continue;
      if (wanted[0].revents != 0) {
        const std::string said = client.receive();
        if (said.empty()) return;
        messages.add(said);
        for (std::string message = messages.take(); !message.empty(); message = messages.take()) {
          if (messages.is_commit(message)) fault = next_fault();
          if (fault == Fault::late) {
            late += message;
            if (message.front() == 'S') return send_late(client, server, late);  // the server waits for this
          } else if (fault == Fault::not_sent || !server.send(message)) {
            return;
          } else if (fault == Fault::client_gone && message.front() == 'S') {
            ::poll(nullptr, 0, begins_ms);
            return;
          }
        }
      }
      if (wanted[1].revents != 0) {
        const std::string said = server.receive();
        if (said.empty() || (fault == Fault::none && !client.send(said))) return;
        if (fault == Fault::none) continue;
        if (fault == Fault::unanswered) continue;
        swallowed += said;
        if (swallowed.find(std::string_view("COMMIT\0", 7)) == std::string::npos) continue;
        if (fault == Fault::answer_withheld) is_closed_ = true;
        if (fault == Fault::standby_away) fault_ = Fault::unanswered;
        return;
      }
    }
  }

  void send_late(const Socket& client, const Socket& server, std::string_view said) const {
    ::shutdown(client.descriptor(), SHUT_RDWR);
    pollfd wanted{server.descriptor(), POLLIN, 0};
    while (!is_over_ && !is_released_) ::poll(nullptr, 0, tick_ms);
    if (!server.send(said)) return;
    while (!is_over_ && (::poll(&wanted, 1, tick_ms) == 0 || !server.receive().empty())) continue;
  }

  sockaddr_in server_{};
  std::string url_;
  Socket listener_;
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<bool> is_closed_{false}, is_released_{false}, is_over_{false};
  std::atomic<int> inside_{0};
  std::list<std::thread> serving_;  // by the thread that accepts, until that has ended
  std::thread accepting_;
};

}  // namespace paylink::sql::postgres::testing
