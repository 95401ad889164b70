#include "main/operator_commands.hpp"

#include <algorithm>

namespace paylink::main {

OperatorCommands::OperatorCommands(CLI::App& program) : program_(program) {
  add_keys_commands(*this);
  for (const auto& [command, action] : actions_) flags_.add_to(*command, Wanted::of_storage);
}

bool OperatorCommands::parsed() const {
  return std::ranges::any_of(actions_, [](const auto& entry) { return entry.first->parsed(); });
}

int OperatorCommands::run() const {
  for (const auto& [command, action] : actions_)
    if (command->parsed()) return run_with_settings(flags_, action);
  return 0;
}

CLI::App& OperatorCommands::add_group(const std::string& name, const std::string& help) {
  CLI::App& group = *program_.add_subcommand(name, help);
  group.require_subcommand(1);
  return group;
}

CLI::App& OperatorCommands::add(CLI::App& group, const std::string& name, const std::string& help, Action action) {
  CLI::App& command = *group.add_subcommand(name, help);
  actions_.emplace_back(&command, std::move(action));
  return command;
}

void add_organization_flag(CLI::App& command, std::string& slug) {
  command.add_option("--organization", slug, "its slug; needed when there are several");
}

void add_output_flag(CLI::App& command, std::string& output) {
  command.add_option("-o,--output", output, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
}

CLI::Option* add_repeated_flag(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                               const std::string& help) {
  return command.add_option(name, values, help)->allow_extra_args(false);
}

}  // namespace paylink::main
