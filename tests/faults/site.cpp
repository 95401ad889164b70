#include "site.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace paylink::faults {
namespace {

constexpr std::size_t nodes_on_postgres = 3;
constexpr std::chrono::seconds time_to_serve{10};

std::string database_name(const std::string& directory) {
  return "faults_" + directory.substr(directory.rfind('/') + 1);
}

}  // namespace

Site::Site(const std::string& binary, const std::string& directory, std::uint64_t random, PostgresCluster* cluster,
           Violations& violations)
    : directory_(directory), cluster_(cluster), violations_(violations) {
  target_.binary = binary;
  if (cluster_ != nullptr) target_.database = cluster_->create_database(database_name(directory_));
  for (std::size_t node = 0; node < (cluster_ == nullptr ? 1 : nodes_on_postgres); ++node) {
    const auto number = node == 0 ? std::string() : std::to_string(node);
    target_.ports.push_back(find_port(random + static_cast<std::uint64_t>(getpid()) + 1'000 * node));
    target_.data_dirs.push_back(directory_ + "/data" + number);
    commands_.push_back({binary,
                         target_.data_dirs.back(),
                         directory_ + "/ready" + number + ".json",
                         directory_ + "/server" + number + ".log",
                         target_.ports.back(),
                         {}});
    auto& more = commands_.back().more;
    target_.host = "127.0.0.1:" + std::to_string(target_.ports.front());
    if (cluster_ != nullptr) more = {"--database", target_.database, "--public-url", "http://" + target_.host};
    if (node > 0) more.insert(more.end(), {"--join", target_.data_dirs.front()});
  }
  nodes_.resize(commands_.size());
  is_struck_.resize(commands_.size());
}

void Site::cut_start_short(std::chrono::microseconds life) {
  if (!faults::cut_start_short(commands_.front(), life)) violations_.add("I10", "a start ended by itself");
}

void Site::start() {
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    if (!nodes_[node]) nodes_[node] = std::make_unique<ServerProcess>(commands_[node]);
  const auto& ready = nodes_.front()->ready();
  target_.authorization = json_text(ready, "login").value_or("") + ":" + json_text(ready, "secret_key").value_or("");
  target_.application = Application(ready);
}

void Site::strike(Victim victim, std::size_t node, std::uint64_t random) {
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    const bool is_meant = (victim == Victim::one_node && at == node % nodes_.size()) || victim == Victim::all_nodes ||
                          victim == Victim::everything;
    if (!is_meant || !nodes_[at]) continue;
    kill(nodes_[at]->pid(), SIGKILL);
    is_struck_[at] = true;
  }
  if (victim == Victim::storage || victim == Victim::everything) cluster_->kill_all();
  if (victim == Victim::postmaster) cluster_->kill_postmaster();
  if (victim == Victim::backend) cluster_->kill_backend(random);
  is_cluster_down_ = victim == Victim::storage || victim == Victim::everything || victim == Victim::postmaster;
}

void Site::bury() {
  for (std::size_t at = 0; at < nodes_.size(); ++at) {
    if (!nodes_[at] || (!is_struck_[at] && nodes_[at]->is_alive())) continue;
    if (!nodes_[at]->kill_now() || !is_struck_[at])
      violations_.add("I10", "the server ended by itself; see " + commands_[at].log_file);
    nodes_[at].reset();
    is_struck_[at] = false;
  }
}

void Site::recover_storage(std::chrono::milliseconds outage) {
  if (cluster_ == nullptr) return;
  if (is_cluster_down_) {
    std::this_thread::sleep_for(outage);
    cluster_->start();
    is_cluster_down_ = false;
  }
  for (std::size_t node = 0; node < nodes_.size(); ++node)
    if (nodes_[node]) await_service(node);
}

void Site::await_service(std::size_t node) {
  const auto client = target_.connect(node);
  const auto end = std::chrono::steady_clock::now() + time_to_serve;
  for (;;) {
    const auto answer = client->get("/readyz");
    if (answer && answer->status == 200) return;
    if (std::chrono::steady_clock::now() > end)
      return violations_.add("I10", "the storage is back, and node " + std::to_string(node) + " is not: " +
                                        (answer ? std::to_string(answer->status) + " " + answer->body : "no answer"));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace paylink::faults
