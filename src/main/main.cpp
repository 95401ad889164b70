#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/log.hpp"
#include "main/commands.hpp"
#include "main/signals.hpp"

namespace paylink::main {
namespace {

constexpr const char* version = "paylink 0.1.0";

// The settings as flags of one command, and the file they may be in.
struct SettingFlags {
  SettingValues values;
  std::optional<std::string> config;

  void add_to(CLI::App& command) {
    command.add_option("--config", config, "configuration file (TOML); flags and PAYLINK_* win over it");
    for (const Setting& setting : all_settings())
      command.add_option_function<std::string>(
          setting.flag(), [this, name = setting.name](const std::string& value) { values[name] = value; },
          setting.help + " [" + setting.variable() + "]");
  }
  Result<Settings> read() const { return read_settings(values, config); }
};

// As many connections as the system allows: the limit on ours is a setting.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int report(const Result<int>& outcome) {
  stop_logging();
  if (outcome) return *outcome;
  std::cerr << "paylink: " << outcome.error().message << "\n";
  if (!outcome.error().detail.empty()) std::cerr << "  (" << outcome.error().detail << ")\n";
  return 1;
}

// Reads the settings, then runs the command with them.
template <class Command>
int run(const SettingFlags& flags, Command command) {
  const auto settings = flags.read();
  if (!settings) return report(Failure{settings.error()});
  start_logging(settings->log_level);
  raise_file_limit();
  return report(command(*settings));
}

int run_program(int argc, char** argv) {
  CLI::App app{"Paylink: payment links on your own machine."};
  app.set_version_flag("--version", version);
  app.require_subcommand(1);

  SettingFlags serve_flags, sandbox_flags, init_flags, migrate_flags;
  auto& serve_command = *app.add_subcommand("serve", "Serve real payment links");
  serve_flags.add_to(serve_command);

  SandboxOptions sandbox_options;
  bool no_connection = false;
  auto& sandbox_command =
      *app.add_subcommand("sandbox", "Everything in one process, with seeded data and a simulated provider");
  sandbox_flags.add_to(sandbox_command);
  sandbox_command.add_option("--ready-file", sandbox_options.ready_file,
                             "written once the server answers: addresses and credentials, as JSON");
  sandbox_command.add_flag("--allow-remote", sandbox_options.allow_remote, "listen on other addresses than loopback");
  sandbox_command.add_flag("--rate-limits", sandbox_options.rate_limits,
                           "limit clients on this machine as `serve` limits everybody");
  sandbox_command.add_flag("--no-connection", no_connection, "start without a provider connection");

  InitOptions init_options;
  init_options.currency = "EUR";
  auto& init_command = *app.add_subcommand("init", "Make the first organization, bank account, owner and API key");
  init_flags.add_to(init_command);
  init_command.add_option("--name", init_options.organization_name, "the merchant's name, as payers read it")
      ->required();
  init_command.add_option("--slug", init_options.slug, "the login of the API key")->required();
  init_command.add_option("--email", init_options.email, "the owner's e-mail address")->required();
  init_command.add_option("--iban", init_options.iban, "the bank account's IBAN")->required();
  init_command.add_option("--bic", init_options.bic, "the bank account's BIC")->required();
  init_command.add_option("--currency", init_options.currency, "the bank account's currency (EUR)");

  auto& migrate_command = *app.add_subcommand("migrate", "Bring the database to this version's schema");
  migrate_flags.add_to(migrate_command);

  CLI11_PARSE(app, argc, argv);

  if (serve_command.parsed()) return run(serve_flags, [](const Settings& settings) { return serve(settings); });
  if (init_command.parsed())
    return run(init_flags, [&](const Settings& settings) {
      init_options.settings = settings;
      return init(init_options);
    });
  if (migrate_command.parsed()) return run(migrate_flags, [](const Settings& settings) { return migrate(settings); });
  return run(sandbox_flags, [&](const Settings& settings) {
    sandbox_options.settings = settings;
    sandbox_options.connected = !no_connection;
    return sandbox(std::move(sandbox_options));
  });
}

}  // namespace
}  // namespace paylink::main

int main(int argc, char** argv) {
  ::umask(0077);  // what this program writes is for its own user alone
  paylink::main::block_signals();
  return paylink::main::run_program(argc, argv);
}
