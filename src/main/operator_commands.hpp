#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/organizations.hpp"
#include "base/result.hpp"
#include "main/setting_flags.hpp"
#include "main/settings.hpp"

namespace paylink::main {

// Commands about what a data directory holds, whether a server runs on it or not: `paylink keys list` and its like.
class OperatorCommands {
 public:
  using Action = std::function<Result<int>(const Settings&)>;

  explicit OperatorCommands(CLI::App& program);
  OperatorCommands(const OperatorCommands&) = delete;
  OperatorCommands& operator=(const OperatorCommands&) = delete;

  // Whether one of them was given; then `run` does it and answers the exit code.
  bool parsed() const;
  int run() const;

  // For those who add theirs. A command has the flags of the storage besides its own.
  CLI::App& add_group(const std::string& name, const std::string& help);
  CLI::App& add(CLI::App& group, const std::string& name, const std::string& help, Action action);

 private:
  CLI::App& program_;
  SettingFlags flags_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

// Commands of one group, which fill the same options.
template <class Options>
class OperatorGroup {
 public:
  using Run = Result<int> (*)(const Options&, const Settings&);

  OperatorGroup(OperatorCommands& commands, const std::string& name, const std::string& help)
      : commands_(commands), group_(commands.add_group(name, help)) {}

  CLI::App& add(const std::string& name, const std::string& help, Run run) {
    return commands_.add(group_, name, help,
                         [options = options_, run](const Settings& settings) { return run(*options, settings); });
  }
  Options& options() { return *options_; }  // live as long as the commands

 private:
  OperatorCommands& commands_;
  CLI::App& group_;
  std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

void add_keys_commands(OperatorCommands& commands);
void add_clients_commands(OperatorCommands& commands);
void add_users_commands(OperatorCommands& commands);
void add_organizations_commands(OperatorCommands& commands);
void add_ledger_commands(OperatorCommands& commands);
void add_audit_commands(OperatorCommands& commands);

// Flags that several have.
void add_organization_flag(CLI::App& command, std::string& slug);
void add_organization_words(CLI::App& command, app::OrganizationWords& words);  // of a new one
void add_output_flag(CLI::App& command, std::string& output);
// A flag that may be given several times, one value each.
CLI::Option* add_repeated_flag(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                               const std::string& help);

}  // namespace paylink::main
