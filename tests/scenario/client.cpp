#include "client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace paylink::scenario {
namespace {

bool same_name(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

bool has(const Fields& fields, std::string_view name) {
  return std::ranges::any_of(fields, [&](const auto& field) { return same_name(field.first, name); });
}

}  // namespace

std::string Answer::field(std::string_view name) const {
  for (std::size_t line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view text = std::string_view(head).substr(line + 2, head.find("\r\n", line + 2) - line - 2);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !same_name(text.substr(0, colon), name)) continue;
    return std::string(text.substr(std::min(text.find_first_not_of(' ', colon + 1), text.size())));
  }
  return {};
}

Connection::Connection(std::uint16_t port) : recorder_(port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  ::close(socket_);
  socket_ = -1;
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

bool Connection::send(std::string_view bytes) {
  recorder_.sent(bytes);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::read_more() {
  std::array<char, 16 * 1024> portion;
  const ssize_t size = ::recv(socket_, portion.data(), portion.size(), 0);
  if (size <= 0) return false;
  received_.append(portion.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<Answer> Connection::receive(BodyOf method) {
  for (;;) {
    const std::size_t end = received_.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (!read_more()) return std::nullopt;
      continue;
    }
    Answer answer{std::atoi(received_.c_str() + std::min<std::size_t>(9, end)), received_.substr(0, end + 2), {}};
    if (answer.status == 100) {
      received_.erase(0, end + 4);
      continue;
    }
    const auto length = method == BodyOf::head ? 0 : std::strtoul(answer.field("Content-Length").c_str(), nullptr, 10);
    while (received_.size() < end + 4 + length)
      if (!read_more()) return std::nullopt;
    answer.body = received_.substr(end + 4, length);
    received_.erase(0, end + 4 + length);
    recorder_.received(answer);
    return answer;
  }
}

bool Connection::is_closed_by_peer() {
  char byte;
  return received_.empty() && ::recv(socket_, &byte, 1, 0) == 0;
}

std::string wire(const Message& message, std::uint16_t port) {
  std::string text = message.method + " " + message.target + " HTTP/1.1\r\n";
  if (!has(message.fields, "Host")) text += "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
  for (const auto& [name, value] : message.fields) text += name + ": " + value + "\r\n";
  const bool sized = has(message.fields, "Content-Length") || has(message.fields, "Transfer-Encoding");
  if (!sized && (!message.body.empty() || message.method == "POST"))
    text += "Content-Length: " + std::to_string(message.body.size()) + "\r\n";
  return text + "\r\n" + message.body;
}

Answer exchange(std::uint16_t port, const Message& message) {
  Connection connection(port);
  connection.send(wire(message, port));
  return connection.receive(message.method == "HEAD" ? BodyOf::head : BodyOf::get).value_or(Answer{});
}

}  // namespace paylink::scenario
