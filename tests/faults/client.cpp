#include "client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace paylink::faults {
namespace {

// -1 when the head names no length.
long content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const auto field = head.substr(line + 2);
    if (field.size() > name.size() && strncasecmp(field.data(), name.data(), name.size()) == 0)
      return std::strtol(std::string(field.substr(name.size(), 20)).c_str(), nullptr, 10);
  }
  return -1;
}

}  // namespace

Client::Client(std::uint16_t port, std::string authorization, std::string host)
    : port_(port),
      authorization_(std::move(authorization)),
      host_(host.empty() ? "127.0.0.1:" + std::to_string(port) : std::move(host)) {}

Client::~Client() { disconnect(); }

std::string Client::begin(std::string_view method, std::string_view path, std::string_view fields) const {
  std::string head = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + host_ + "\r\n";
  if (!authorization_.empty()) head.append("Authorization: ").append(authorization_).append("\r\n");
  return head.append(fields);
}

std::optional<Answer> Client::get(std::string_view path, std::string_view fields) {
  return exchange(begin("GET", path, fields) + "\r\n");
}

std::optional<Answer> Client::post_form(std::string_view path, std::string_view form, std::string_view fields) {
  return exchange(begin("POST", path, fields) + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                  std::to_string(form.size()) + "\r\n\r\n" + std::string(form));
}

std::optional<Answer> Client::send(std::string_view method, std::string_view path, std::string_view body,
                                   std::string_view idempotency_key) {
  std::string request = begin(method, path, {}) +
                        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  if (!idempotency_key.empty()) request.append("Idempotency-Key: ").append(idempotency_key).append("\r\n");
  return exchange(request.append("\r\n").append(body));
}

std::optional<Answer> Client::exchange(const std::string& request) {
  if (!connect_if_needed()) return std::nullopt;
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    disconnect();
    return std::nullopt;
  }
  auto answer = receive();
  if (!answer) disconnect();
  return answer;
}

bool Client::connect_if_needed() {
  if (socket_ >= 0) return true;
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{30, 0};
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  disconnect();
  return false;
}

std::optional<Answer> Client::receive() {
  std::string bytes;
  std::array<char, 16 * 1024> portion;
  for (;;) {
    const auto size = recv(socket_, portion.data(), portion.size(), 0);
    if (size <= 0) return std::nullopt;
    bytes.append(portion.data(), static_cast<std::size_t>(size));
    const auto head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    Answer answer{std::atoi(bytes.c_str() + 9), bytes.substr(0, head_end + 2), {}};
    const auto length = answer.status == 204 ? 0 : content_length(answer.head);
    if (length < 0) return std::nullopt;
    if (bytes.size() < head_end + 4 + static_cast<std::size_t>(length)) continue;
    answer.body = bytes.substr(head_end + 4, static_cast<std::size_t>(length));
    if (strcasestr(answer.head.c_str(), "\nconnection: close")) disconnect();
    return answer;
  }
}

void Client::disconnect() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

std::string field_of(const Answer& answer, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const auto at = answer.head.find(start);
  if (at == std::string::npos) return {};
  const auto begin = at + start.size();
  return answer.head.substr(begin, answer.head.find("\r\n", begin) - begin);
}

std::optional<std::string> json_text(std::string_view json, std::string_view name) {
  const std::string member = "\"" + std::string(name) + "\":\"";
  const auto at = json.find(member);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + member.size();
  const auto end = json.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(json.substr(begin, end - begin));
}

}  // namespace paylink::faults
