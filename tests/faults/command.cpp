#include "command.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace paylink::faults {

bool run_command(const std::string& program, const std::vector<std::string>& words, std::string* printed) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    if (printed != nullptr) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  close(ends[1]);
  char buffer[1024];
  ssize_t part = 0;
  while ((part = read(ends[0], buffer, sizeof buffer)) > 0)
    if (printed != nullptr) printed->append(buffer, static_cast<std::size_t>(part));
  close(ends[0]);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace paylink::faults
