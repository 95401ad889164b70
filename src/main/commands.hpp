#pragma once

#include <optional>
#include <string>

#include "main/settings.hpp"

namespace paylink::main {

// The commands. Each answers the process's exit code; what goes wrong is a sentence on stderr.

struct SandboxOptions {
  Settings settings;
  std::optional<std::string> ready_file;
  bool allow_remote = false;
  bool connected = true;
  bool rate_limits = false;  // for clients on this machine too
};

struct InitOptions {
  Settings settings;
  std::string organization_name;
  std::string slug;
  std::string iban;
  std::string bic;
  std::string currency;
  std::string email;
};

Result<int> serve(const Settings& settings);
Result<int> sandbox(SandboxOptions options);
Result<int> init(const InitOptions& options);
Result<int> migrate(const Settings& settings);

}  // namespace paylink::main
