#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.hpp"

namespace paylink::control {

// Answers one line with one line, on the server's own thread; `user` is who asks.
using Answerer = std::function<std::string(std::string_view line, uid_t user)>;

inline constexpr std::size_t request_bytes_max = 64 * 1024;
inline constexpr int seconds_max = 5;  // for a request to arrive, and again for its answer to be taken

// A Unix socket (mode 0600) for the commands of whoever runs the server: one request and one answer a connection, each
// a line, at most eight connections at once (more wait). Only the server's own user and root are answered
// (SO_PEERCRED, unix(7)); any other connection is closed.
class Server {
 public:
  // The caller alone uses the directory of `path`: a socket there was left behind by a process that is gone, and is
  // replaced. Fails with `control_socket_unusable`.
  static Result<std::unique_ptr<Server>> create(const std::string& path, Answerer answer);
  ~Server();  // lets the command under way end, removes the socket
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  Server(std::string path, Answerer answer, int listener, int wake);
  void run();

  std::string path_;
  Answerer answer_;
  int listener_;
  int wake_;
  std::thread thread_;
};

}  // namespace paylink::control
