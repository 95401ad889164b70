#include "main/operator_commands.hpp"

#include <algorithm>

namespace paylink::main {

OperatorCommands::OperatorCommands(CLI::App& program) : program_(program) {
  add_keys_commands(*this);
  add_clients_commands(*this);
  add_users_commands(*this);
  add_organizations_commands(*this);
  add_ledger_commands(*this);
  add_audit_commands(*this);
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

void add_organization_words(CLI::App& command, app::OrganizationWords& words) {
  words.currency = "EUR";
  command.add_option("--name", words.name, "the merchant's name, as payers read it")->required();
  command.add_option("--slug", words.slug, "the login of the API key")->required();
  command.add_option("--iban", words.iban, "the bank account's IBAN")->required();
  command.add_option("--bic", words.bic, "the bank account's BIC")->required();
  command.add_option("--currency", words.currency, "the bank account's currency (EUR)");
}

void add_output_flag(CLI::App& command, std::string& output) {
  command.add_option("-o,--output", output, "table or json (table)")->check(CLI::IsMember({"table", "json"}));
}

CLI::Option* add_repeated_flag(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                               const std::string& help) {
  return command.add_option(name, values, help)->allow_extra_args(false);
}

}  // namespace paylink::main
