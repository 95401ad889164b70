#pragma once

#include <optional>
#include <string>
#include <vector>

#include "oracle.hpp"

namespace paylink::faults {

// Whoever runs the server: makes and revokes API keys from the command line.
class Clerk {
 public:
  // `database` is empty when it is a file of the data directory.
  Clerk(std::string binary, std::string data_dir, std::string database)
      : binary_(std::move(binary)), data_dir_(std::move(data_dir)), database_(std::move(database)) {}

  // Absent when the command failed: whether there is a key nobody knows, and nobody has its secret.
  std::optional<ApiKey> make_key(const std::string& name) const;
  // False when the command failed: whether it is revoked is unknown.
  bool revoke(const ApiKey& key) const;

 private:
  // What the command printed, when it ended well.
  std::optional<std::string> run(const std::string& command, const std::vector<std::string>& words) const;

  const std::string binary_;
  const std::string data_dir_;
  const std::string database_;
};

}  // namespace paylink::faults
