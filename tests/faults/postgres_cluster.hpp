#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace paylink::faults {

// The cluster that `tools/postgres run` has made for us. Whatever fails ends the harness with a sentence.
class PostgresCluster {
 public:
  PostgresCluster();

  // A new one; its URL.
  std::string create_database(const std::string& name) const;

  // Each with SIGKILL. Safe from any thread.
  void kill_all();         // the postmaster and everything it has begun
  void kill_postmaster();  // its children notice, each in its own time
  // One that serves a client: the postmaster ends all others too, and recovers by itself.
  void kill_backend(std::uint64_t random) const;

  // After kill_all and kill_postmaster: returns once it serves.
  void start();

  // "ok", or what pg_amcheck says of the tables and indexes of a database.
  std::string check(const std::string& url) const;

 private:
  pid_t postmaster() const;
  void note_family();
  void bury();

  const std::string directory_;
  const std::string url_;
  std::vector<pid_t> killed_;
};

}  // namespace paylink::faults
