#include "main/completion.hpp"

#include <iostream>
#include <map>

#include "cli/completion.hpp"
#include "domain/scopes.hpp"

namespace paylink::main {
namespace {

using Choices = std::vector<std::string>;

Choices texts_of(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

// The values of a flag or argument where they are known; what is said of one command comes before what is said of all.
const Choices& choices_of(const std::string& path, const std::string& name) {
  static const std::map<std::string, Choices> known = {
      {"--output", {"table", "json", "yaml"}},
      {" keys list --output", {"table", "json"}},
      {" clients list --output", {"table", "json"}},
      {" users list --output", {"table", "json"}},
      {" organizations list --output", {"table", "json"}},
      {" clients create --scope", texts_of(known_scopes())},
      {"--role", {"owner", "admin", "manager", "reporter"}},
      {"--method", {"credit_card", "apple_pay", "paypal", "ideal"}},
      {" links list --status", {"open", "expired", "canceled", "paid", "processing"}},
      {" links payments --status", {"open", "pending", "authorized", "paid", "canceled", "expired", "failed"}},
      {" links list --sort-by", {"amount:asc", "amount:desc", "expiration_date:asc", "expiration_date:desc"}},
      {" links payments --sort-by", {"creation_date:asc", "creation_date:desc"}},
      {"--scope",
       {"payment_link.read", "payment_link.write", "payment_link.create", "organization.read", "membership.read",
        "webhook"}},
      {"--log-level", {"debug", "info", "warn", "error", "off"}},
      {" completion shell", {"bash", "zsh", "fish"}}};
  static const Choices none;
  for (const std::string& key : {path + " " + name, name})
    if (const auto found = known.find(key); found != known.end()) return found->second;
  return none;
}

cli::Flag flag_of(const std::string& path, const CLI::Option& option) {
  cli::Flag flag;
  flag.description = option.get_description();
  flag.takes = option.get_items_expected_max() > 0 ? cli::Flag::Takes::value : cli::Flag::Takes::nothing;
  for (const std::string& name : option.get_lnames()) {
    flag.names.push_back("--" + name);
    if (flag.choices.empty()) flag.choices = choices_of(path, "--" + name);
  }
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  return flag;
}

cli::Command command_at(const CLI::App& app, const std::string& path) {
  cli::Command command{.name = app.get_name(), .description = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) {
      command.flags.push_back(flag_of(path, *option));
    } else {
      const Choices& words = choices_of(path, option->get_name());
      command.words.insert(command.words.end(), words.begin(), words.end());
    }
  }
  for (const CLI::App* inner : app.get_subcommands([](const CLI::App*) { return true; }))
    command.commands.push_back(command_at(*inner, path + " " + inner->get_name()));
  return command;
}

}  // namespace

CompletionCommand::CompletionCommand(CLI::App& program)
    : program_(program),
      command_(*program.add_subcommand("completion", "Print a script that completes commands and flags in a shell")) {
  command_.add_option("shell", shell_, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command_.footer("Example, in ~/.bashrc:\n  source <(paylink completion bash)");
}

int CompletionCommand::run() const {
  std::cout << cli::completion_script(command_at(program_, ""), shell_).value_or("");
  return 0;
}

}  // namespace paylink::main
