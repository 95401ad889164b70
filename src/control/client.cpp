#include "control/client.hpp"

#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "control/address.hpp"

namespace paylink::control {
namespace {

Failure silent(const std::string& path) {
  return fail(ErrorCode::unavailable, "no_answer",
              "The server at " + path +
                  " did not answer. Whether the command was carried out is not known: look with "
                  "`list`.");
}

Result<std::string> converse(int socket, const std::string& path, std::string_view line,
                             std::chrono::milliseconds patience) {
  const std::string request = std::string(line) + "\n";
  const auto end = std::chrono::steady_clock::now() + patience;
  std::size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t part = ::send(socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return silent(path);
    sent += static_cast<std::size_t>(part);
  }
  std::string answer;
  char buffer[4096];
  while (!answer.ends_with('\n')) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd polled{socket, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&polled, 1, static_cast<int>(left.count())) <= 0) return silent(path);
    const ssize_t part = ::recv(socket, buffer, sizeof buffer, 0);
    if (part <= 0 || answer.size() > answer_bytes_max) return silent(path);
    answer.append(buffer, static_cast<std::size_t>(part));
  }
  answer.pop_back();
  return answer;
}

}  // namespace

Result<std::optional<std::string>> ask(const std::string& path, std::string_view line,
                                       std::chrono::milliseconds patience) {
  const Address address = TRY(Address::of(path));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return fail(ErrorCode::unavailable, "control_socket_unusable", "Cannot make a socket.", std::strerror(errno));
  const timeval time{patience.count() / 1000, patience.count() % 1000 * 1000};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);  // of connect too
  if (::connect(socket, address.get(), address.size()) != 0) {
    const int reason = errno;
    ::close(socket);
    if (reason == ENOENT || reason == ECONNREFUSED) return std::optional<std::string>();
    return fail(ErrorCode::unavailable, "control_socket_unusable",
                "Cannot reach the server at " + path + ": " + std::strerror(reason) +
                    ". Run this as the user the server runs as, or as root.");
  }
  auto answer = converse(socket, path, line, patience);
  ::close(socket);
  if (!answer) return std::move(answer).failure();
  return std::optional<std::string>(*std::move(answer));
}

}  // namespace paylink::control
