#include "control/server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/thread_name.hpp"
#include "control/address.hpp"

namespace paylink::control {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t connections_max = 8;

struct Connection {
  int socket;
  uid_t user;
  SteadyTime deadline;
  std::string request{};
  std::string answer{};  // empty until there is one
  std::size_t sent = 0;
};

enum class Next : std::uint8_t { wait, close };

Failure unusable(const std::string& path) {
  return fail(ErrorCode::unavailable, "control_socket_unusable", "Cannot make the control socket " + path + ".",
              std::strerror(errno));
}

SteadyTime new_deadline() { return std::chrono::steady_clock::now() + std::chrono::seconds(seconds_max); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

void accept_one(int listener, std::vector<Connection>& connections) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  if (!known || (peer.uid != ::geteuid() && peer.uid != 0)) {
    LOG(warn, "control_refused", {"uid", std::int64_t{peer.uid}});
    ::close(socket);
    return;
  }
  connections.push_back({socket, peer.uid, new_deadline()});
}

Next send_answer(Connection& connection) {
  const ssize_t part = ::send(connection.socket, connection.answer.data() + connection.sent,
                              connection.answer.size() - connection.sent, MSG_NOSIGNAL);
  if (part < 0) return would_block() ? Next::wait : Next::close;
  connection.sent += static_cast<std::size_t>(part);
  return connection.sent == connection.answer.size() ? Next::close : Next::wait;
}

Next receive_request(Connection& connection, const Answerer& answer) {
  char buffer[4096];
  const ssize_t part = ::recv(connection.socket, buffer, sizeof buffer, 0);
  if (part < 0) return would_block() ? Next::wait : Next::close;
  if (part == 0) return Next::close;
  connection.request.append(buffer, static_cast<std::size_t>(part));
  const std::size_t end = connection.request.find('\n');
  if (std::min(end, connection.request.size()) > request_bytes_max) return Next::close;
  if (end == std::string::npos) return Next::wait;
  connection.answer = answer(std::string_view(connection.request).substr(0, end), connection.user) + "\n";
  connection.deadline = new_deadline();
  return send_answer(connection);
}

}  // namespace

Server::Server(std::string path, Answerer answer, int listener, int wake)
    : path_(std::move(path)), answer_(std::move(answer)), listener_(listener), wake_(wake) {
  thread_ = std::thread([this] { run(); });
}

Result<std::unique_ptr<Server>> Server::create(const std::string& path, Answerer answer) {
  const Address address = TRY(Address::of(path));
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return unusable(path);
  // Between bind and chmod the directory (0700) and the umask keep others out; nobody is accepted before listen.
  if (::bind(listener, address.get(), address.size()) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
      ::listen(listener, 16) != 0) {
    auto failure = unusable(path);
    ::close(listener);
    return failure;
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    auto failure = unusable(path);
    ::close(listener);
    return failure;
  }
  return std::unique_ptr<Server>(new Server(path, std::move(answer), listener, wake));
}

Server::~Server() {
  ::eventfd_write(wake_, 1);
  thread_.join();
  ::unlink(path_.c_str());
  ::close(listener_);
  ::close(wake_);
}

void Server::run() {
  name_thread("control");
  std::vector<Connection> connections;
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign({{wake_, POLLIN, 0}, {connections.size() < connections_max ? listener_ : -1, POLLIN, 0}});
    for (const auto& connection : connections)
      polled.push_back({connection.socket, static_cast<short>(connection.answer.empty() ? POLLIN : POLLOUT), 0});
    ::poll(polled.data(), polled.size(), connections.empty() ? -1 : 100);
    if (polled[0].revents != 0) break;
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < connections.size(); ++i) {
      Connection& connection = connections[i];
      Next next = connection.deadline <= now ? Next::close : Next::wait;
      if (next == Next::wait && polled[i + 2].revents != 0)
        next = connection.answer.empty() ? receive_request(connection, answer_) : send_answer(connection);
      if (next == Next::close) {
        ::close(connection.socket);
        connection.socket = -1;
      }
    }
    std::erase_if(connections, [](const Connection& connection) { return connection.socket < 0; });
    if (polled[1].revents != 0) accept_one(listener_, connections);
  }
  for (const auto& connection : connections) ::close(connection.socket);
}

}  // namespace paylink::control
