#include "canned_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace paylink::scenario {
namespace {

constexpr int look_ms = 50;          // how soon it notices that it is to stop
constexpr int request_ms = 5'000;    // a request that takes longer to come is answered as it is
constexpr int connections_max = 64;  // more are a loop in the program under test

bool is_readable(int socket, int within_ms) {
  pollfd event{socket, POLLIN, 0};
  return ::poll(&event, 1, within_ms) > 0;
}

bool is_complete(const std::string& request) {
  const std::size_t end = request.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string length = field_of(request, "Content-Length");
  return request.size() >= end + 4 + static_cast<std::size_t>(std::atoi(length.c_str()));
}

}  // namespace

CannedServer::CannedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0)
    throw std::runtime_error("no port for a canned server");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

CannedServer::~CannedServer() {
  is_stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void CannedServer::serve() {
  for (int served = 0; !is_stopping_ && served < connections_max;) {
    if (!is_readable(listener_, look_ms)) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
    ++served;
  }
}

void CannedServer::answer(int connection) {
  std::string request;
  char part[4096];
  while (!is_complete(request) && is_readable(connection, request_ms)) {
    const ssize_t size = ::recv(connection, part, sizeof part, 0);
    if (size <= 0) break;
    request.append(part, static_cast<std::size_t>(size));
  }
  std::size_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = requests_.size();
    requests_.push_back(std::move(request));
  }
  const std::string& bytes = answers_.at(std::min(number, answers_.size() - 1));
  if (!bytes.empty()) ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::vector<std::string> CannedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string canned(int status, const std::string& body, const Fields& fields) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) +
                      " Canned\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : fields) bytes.append(name).append(": ").append(value).append("\r\n");
  return bytes + "\r\n" + body;
}

std::string field_of(const std::string& request, const std::string& name) {
  const std::string line = "\r\n" + name + ": ";
  const std::size_t at = request.find(line);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + line.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

}  // namespace paylink::scenario
