#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "oracle.hpp"
#include "postgres_cluster.hpp"
#include "server_process.hpp"
#include "workload.hpp"

namespace paylink::faults {

// What is killed. On SQLite there is one node, and it has its storage within.
enum class Victim : std::uint8_t {
  one_node,
  all_nodes,
  storage,     // the postmaster and all its children
  postmaster,  // alone
  backend,     // one child of it, whereupon it ends the others and recovers
  everything,  // all nodes and the storage
};

// One installation: its nodes, and on PostgreSQL a database of its own. The first node is a sandbox with its simulator,
// which the others have joined.
class Site {
 public:
  // `cluster` is absent on SQLite, and not used by others.
  Site(const std::string& binary, const std::string& directory, std::uint64_t random, PostgresCluster* cluster,
       Violations& violations);

  // The first node is started and killed so long after: what the next start finds has been recovered in part.
  void cut_start_short(std::chrono::microseconds life);
  // Returns when all nodes serve.
  void start();

  // With SIGKILL, at once; safe from any thread. `node` is the one that is meant where one is; `random` chooses where
  // that is not enough.
  void strike(Victim victim, std::size_t node, std::uint64_t random);
  // After it: waits until the dead are gone, and notes as I10 those who should be alive and are not.
  void bury();
  // After it: the storage serves again `outage` later, and soon the nodes that are alive do too, which is I10.
  void recover_storage(std::chrono::milliseconds outage);

  const Target& target() const { return target_; }
  std::string log_files() const { return directory_ + "/*.log"; }

 private:
  void await_service(std::size_t node);

  const std::string directory_;
  PostgresCluster* const cluster_;
  Violations& violations_;
  Target target_;
  std::vector<ServerCommand> commands_;
  std::vector<std::unique_ptr<ServerProcess>> nodes_;  // null while down
  std::vector<bool> is_struck_;
  bool is_cluster_down_ = false;
};

}  // namespace paylink::faults
