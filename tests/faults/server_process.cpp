#include "server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace paylink::faults {
namespace {

[[noreturn]] void become(const ServerCommand& command) {
  const auto address = "127.0.0.1:" + std::to_string(command.port);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = open(command.log_file.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600);
  dup2(log, STDERR_FILENO);
  dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
  std::vector<std::string> words = {command.binary, "sandbox", "--listen", address, "--data-dir", command.data_dir,
                                    "--ready-file", command.ready_file, "--log-level", "warn",
                                    // Some of the cycles move the clock, and a code is to be good after that.
                                    "--oauth-code-seconds", "600"};
  words.insert(words.end(), command.more.begin(), command.more.end());
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(command.binary.c_str(), arguments.data());
  std::perror(command.binary.c_str());
  _exit(127);
}

}  // namespace

std::uint16_t find_port(std::uint64_t random) {
  for (std::uint64_t offset = 0; offset < 10'000; ++offset) {
    const auto port = static_cast<std::uint16_t>(20'000 + (random + offset) % 10'000);
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    if (free) return port;
  }
  std::fprintf(stderr, "kill9: no free port between 20000 and 30000\n");
  std::exit(3);
}

bool cut_start_short(const ServerCommand& command, std::chrono::microseconds life) {
  const pid_t pid = fork();
  if (pid == 0) become(command);
  std::this_thread::sleep_for(life);
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

ServerProcess::ServerProcess(const ServerCommand& command) {
  std::filesystem::remove(command.ready_file);
  pid_ = fork();
  if (pid_ == 0) become(command);
  wait_until_ready(command);
}

void ServerProcess::wait_until_ready(const ServerCommand& command) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!std::filesystem::exists(command.ready_file)) {
    if (std::chrono::steady_clock::now() > end || waitpid(pid_, nullptr, WNOHANG) != 0) {
      std::fprintf(stderr, "kill9: the server did not start; see %s\n", command.log_file.c_str());
      std::exit(3);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::ostringstream text;
  text << std::ifstream(command.ready_file).rdbuf();
  ready_ = text.str();
}

bool ServerProcess::is_alive() {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

bool ServerProcess::kill_now() {
  if (pid_ < 0) return true;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace paylink::faults
