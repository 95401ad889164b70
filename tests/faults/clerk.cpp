#include "clerk.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "client.hpp"

namespace paylink::faults {

std::optional<ApiKey> Clerk::make_key(const std::string& name) const {
  const auto printed = run({"keys", "create", "--data-dir", data_dir_, "--name", name, "--scope", "organization.read"});
  if (!printed) return std::nullopt;
  const auto id = json_text(*printed, "id"), login = json_text(*printed, "login");
  const auto secret = json_text(*printed, "secret_key");
  if (!id || !login || !secret) return std::nullopt;
  return ApiKey{*id, *login + ":" + *secret};
}

bool Clerk::revoke(const ApiKey& key) const {
  return run({"keys", "revoke", "--data-dir", data_dir_, key.id}).has_value();
}

std::optional<std::string> Clerk::run(const std::vector<std::string>& words) const {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  std::vector<char*> arguments = {const_cast<char*>(binary_.c_str())};
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execv(binary_.c_str(), arguments.data());
    _exit(127);
  }
  close(ends[1]);
  std::string printed;
  char buffer[1024];
  ssize_t part = 0;
  while ((part = read(ends[0], buffer, sizeof buffer)) > 0) printed.append(buffer, static_cast<std::size_t>(part));
  close(ends[0]);
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return printed;
}

}  // namespace paylink::faults
