#include "control/client.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "control/address.hpp"

namespace paylink::control {
namespace {

constexpr std::size_t answer_bytes_max = 4 << 20;

Failure silent(const std::string& path) {
  return fail(ErrorCode::unavailable, "no_answer",
              "The server at " + path +
                  " did not answer. Whether the command was carried out is not known: look with "
                  "`list`.");
}

Result<std::string> converse(int socket, const std::string& path, std::string_view line) {
  const std::string request = std::string(line) + "\n";
  std::size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t part = ::send(socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return silent(path);
    sent += static_cast<std::size_t>(part);
  }
  std::string answer;
  char buffer[4096];
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!answer.ends_with('\n')) {
    const ssize_t part = ::recv(socket, buffer, sizeof buffer, 0);
    if (part <= 0 || answer.size() > answer_bytes_max || std::chrono::steady_clock::now() > end) return silent(path);
    answer.append(buffer, static_cast<std::size_t>(part));
  }
  answer.pop_back();
  return answer;
}

}  // namespace

Result<std::optional<std::string>> ask(const std::string& path, std::string_view line) {
  const Address address = TRY(Address::of(path));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return fail(ErrorCode::unavailable, "control_socket_unusable", "Cannot make a socket.", std::strerror(errno));
  const timeval patience{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket, address.get(), address.size()) != 0) {
    const int reason = errno;
    ::close(socket);
    if (reason == ENOENT || reason == ECONNREFUSED) return std::optional<std::string>();
    return fail(ErrorCode::unavailable, "control_socket_unusable",
                "Cannot reach the server at " + path + ": " + std::strerror(reason) +
                    ". Run this as the user the server runs as, or as root.");
  }
  auto answer = converse(socket, path, line);
  ::close(socket);
  if (!answer) return Failure{std::move(answer).error()};
  return std::optional<std::string>(*std::move(answer));
}

}  // namespace paylink::control
