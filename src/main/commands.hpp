#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/organizations.hpp"
#include "main/settings.hpp"

namespace paylink::main {

// The commands. Each answers the process's exit code; what goes wrong is a sentence on stderr.

struct SandboxOptions {
  Settings settings;
  std::optional<std::string> ready_file;
  std::string join;  // the data directory of a sandbox on the same PostgreSQL database; empty: one of its own
  bool allow_remote = false;
  bool connected = true;
  bool rate_limits = false;      // for clients on this machine too
  bool real_onboarding = false;  // connections are finished as in a server: by signing in, and at the simulator
};

struct InitOptions {
  Settings settings;
  app::OrganizationWords organization;
  std::string email;
};

// `sqlite:PATH` or `postgresql://…` each.
struct MoveCommand {
  std::string from;
  std::string to;
  std::size_t chunk_rows = 1'000;  // of one commit
};

Result<int> serve(const Settings& settings);
Result<int> sandbox(SandboxOptions options);
Result<int> init(const InitOptions& options);
Result<int> migrate(const Settings& settings);
// `paylink migrate --stay`: an installation that was moved to another database is to be served here after all.
Result<int> stay(const Settings& settings);
// `paylink migrate --from … --to …`: an installation into another database, store/move.hpp.
Result<int> move(const MoveCommand& command);

}  // namespace paylink::main
