#include "postgres_cluster.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "command.hpp"
#include "postgres_reader.hpp"

namespace paylink::faults {
namespace {

constexpr const char* tool = "tools/postgres";

std::string environment(const char* name) {
  if (const char* value = std::getenv(name)) return value;
  std::fprintf(stderr, "kill9: there is no %s; run this by `%s run`\n", name, tool);
  std::exit(3);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<pid_t> children_of(pid_t parent) {
  const auto process = "/proc/" + std::to_string(parent);
  std::istringstream list(read_text(process + "/task/" + std::to_string(parent) + "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

void use_tool(const std::vector<std::string>& words) {
  if (run_command(tool, words)) return;
  std::fprintf(stderr, "kill9: `%s %s` failed\n", tool, words.front().c_str());
  std::exit(3);
}

}  // namespace

PostgresCluster::PostgresCluster()
    : directory_(environment("PAYLINK_POSTGRES_DIR")), url_(environment("PAYLINK_POSTGRES")) {
  // A postmaster that was killed must be waited for by somebody, or the next one takes it for alive: what we start
  // ourselves is ours to bury.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  use_tool({"stop"});
  use_tool({"start"});
}

std::string PostgresCluster::create_database(const std::string& name) const {
  run_statement(url_, "CREATE DATABASE " + name);
  return url_.substr(0, url_.rfind('/') + 1) + name;
}

pid_t PostgresCluster::postmaster() const {
  const auto process = static_cast<pid_t>(std::atoi(read_text(directory_ + "/data/postmaster.pid").c_str()));
  if (process > 1) return process;
  std::fprintf(stderr, "kill9: no postmaster runs in %s\n", directory_.c_str());
  std::exit(3);
}

// The postmaster first: when it is gone its children are ours.
void PostgresCluster::note_family() {
  const pid_t parent = postmaster();
  kill(parent, SIGSTOP);  // it begins nothing more
  killed_ = children_of(parent);
  killed_.insert(killed_.begin(), parent);
}

void PostgresCluster::kill_all() {
  note_family();
  for (const pid_t process : killed_) kill(process, SIGKILL);
}

void PostgresCluster::kill_postmaster() {
  note_family();
  kill(killed_.front(), SIGKILL);
}

void PostgresCluster::kill_backend(std::uint64_t random) const {
  std::vector<pid_t> backends;
  for (const pid_t child : children_of(postmaster()))
    if (read_text("/proc/" + std::to_string(child) + "/cmdline").starts_with("postgres: paylink "))
      backends.push_back(child);
  if (!backends.empty()) kill(backends[random % backends.size()], SIGKILL);
}

void PostgresCluster::bury() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (const pid_t process : killed_)
    while (waitpid(process, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) {
        std::fprintf(stderr, "kill9: process %d of the cluster does not end\n", process);
        std::exit(3);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  killed_.clear();
}

void PostgresCluster::start() {
  bury();
  use_tool({"start"});
}

std::string PostgresCluster::check(const std::string& url) const {
  std::string said;
  const auto database = url.substr(url.rfind('/') + 1);
  return run_command(tool, {"amcheck", "--heapallindexed", database}, &said) ? "ok" : said;
}

}  // namespace paylink::faults
