#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace paylink::faults {

struct ServerCommand {
  std::string binary;
  std::string data_dir;
  std::string ready_file;
  std::string log_file;  // the server's stderr is appended to it
  std::uint16_t port = 0;
  std::vector<std::string> more;  // arguments
};

// A free port of loopback that no outgoing connection is given by chance: the same one after every restart, because the
// links' addresses contain it.
std::uint16_t find_port(std::uint64_t random);

// A life that is ended so soon after it began, as a rule before it is ready. False when it had ended by itself, which
// it never should.
bool cut_start_short(const ServerCommand& command, std::chrono::microseconds life);

// One life of `paylink sandbox`. It ends with this object, and with the harness.
class ServerProcess {
 public:
  // Returns once the server accepts connections; ends the harness with a sentence when it does not within 20 seconds.
  explicit ServerProcess(const ServerCommand& command);
  ~ServerProcess() { kill_now(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& ready() const { return ready_; }  // its ready file

  // False when it has ended, of itself or by others' hands.
  bool is_alive();
  // SIGKILL, then waits until it is gone. False when it had already ended otherwise, which it never should.
  bool kill_now();

 private:
  void wait_until_ready(const ServerCommand& command);

  pid_t pid_ = -1;
  std::string ready_;
};

}  // namespace paylink::faults
