#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "main/commands.hpp"
#include "main/completion.hpp"
#include "main/links.hpp"
#include "main/operator_commands.hpp"
#include "main/setting_flags.hpp"
#include "main/signals.hpp"

namespace paylink::main {
namespace {

constexpr const char* version = "paylink 0.1.0";

// `paylink migrate`: of one database, or from one to another.
struct MigrateCommand {
  SettingFlags flags;
  MoveCommand move_command;
  bool is_to_stay = false;

  void add_to(CLI::App& app) {
    auto& command = *app.add_subcommand(
        "migrate", "Bring the database to this version's schema; with --from and --to, move it to another database");
    flags.add_to(command, Wanted::of_storage);
    CLI::Option* const from =
        command.add_option("--from", move_command.from, "the installation to move, sqlite:PATH or postgresql://…");
    CLI::Option* const to = command.add_option(
        "--to", move_command.to, "where to: a new or empty database, or one that an unfinished move goes to");
    command.add_option("--chunk-rows", move_command.chunk_rows, "rows of one commit while moving, 1 to 100000 (1000)")
        ->check(CLI::Range(1, 100'000))
        ->needs(from);
    from->needs(to);
    to->needs(from);
    command
        .add_flag("--stay", is_to_stay,
                  "serve it here after all when it was moved from here, without what has happened there since")
        ->excludes(from);
    command.footer(
        "While an installation is moved nobody may serve either end. Every row is compared afterwards. From then on "
        "the\n"
        "target is to be served: the source stays as it is, but no server starts on it. When it is cut off, the same\n"
        "command goes on. Examples:\n"
        "  paylink migrate --data-dir /var/lib/paylink\n"
        "  paylink migrate --from sqlite:/var/lib/paylink/paylink.db \\\n"
        "    --to 'postgresql://paylink@db.example/paylink?sslmode=verify-full&sslrootcert=ca.pem'\n"
        "  paylink serve --data-dir /var/lib/paylink \\\n"
        "    --database 'postgresql://paylink@db.example/paylink?sslmode=verify-full&sslrootcert=ca.pem' …");
  }
  int run_parsed() const {
    return run_with_settings(flags, [this](const Settings& settings) {
      if (is_to_stay) return stay(settings);
      return move_command.from.empty() ? migrate(settings) : move(move_command);
    });
  }
};

// The first word that is no command, where one is needed.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) {
    const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty()) return std::nullopt;
    const auto found = std::ranges::find(commands, argv[i], &CLI::App::get_name);
    if (found != commands.end()) {
      at = *found;
      continue;
    }
    std::string text = "There is no command `" + cli::harmless(argv[i]) + "`. The commands are";
    for (const CLI::App* command : commands) text += (command == commands.front() ? " " : ", ") + command->get_name();
    return text + ".";
  }
  return std::nullopt;
}

// The flags that were typed and that no command has.
std::vector<std::string> unknown_flags(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  std::erase_if(words, [](const std::string& word) { return !word.starts_with('-'); });
  return words;
}

// The exit code when that is all: after --help, and after a wrong word.
std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  if (const auto unknown = unknown_command(app, argc, argv)) {
    std::cerr << "paylink: " << *unknown << "\n";
    return wrong_usage;
  }
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    // A flag that was mistyped is missing too: what is not known is told first.
    const auto unknown = unknown_flags(app);
    if (error.get_exit_code() != 0 && !unknown.empty()) {
      app.exit(CLI::ExtrasError(unknown));
      return wrong_usage;
    }
    return app.exit(error) == 0 ? 0 : wrong_usage;
  }
}

void add_sandbox_options(CLI::App& command, SandboxOptions& options, bool& no_connection) {
  command.add_option("--ready-file", options.ready_file,
                     "written once the server answers: addresses and credentials, as JSON");
  command.add_option("--join", options.join,
                     "another server of the sandbox that runs on this data directory, on the same PostgreSQL database");
  command.add_flag("--allow-remote", options.allow_remote, "listen on other addresses than loopback");
  command.add_flag("--rate-limits", options.rate_limits, "limit clients on this machine as `serve` limits everybody");
  command.add_flag("--no-connection", no_connection, "start without a provider connection");
  command.add_flag("--real-onboarding", options.real_onboarding,
                   "finish connections as `serve` does: sign in, then authorize at the simulator or show a key");
}

void add_init_options(CLI::App& command, InitOptions& options) {
  add_organization_words(command, options.organization);
  command.add_option("--email", options.email, "the owner's e-mail address")->required();
}

// Of an option's value only what one has to know: which flags exclude each other is said when they meet.
class BriefFormatter final : public CLI::Formatter {
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text = option->get_expected_max() == 0 ? "" : " VALUE";
    if (option->get_expected_max() > 1) text += " ...";
    return option->get_required() ? text + " REQUIRED" : text;
  }
};

// Keys, tokens and passwords are in this memory: no core file of it, whatever limits the shell and the system have, and
// no look at it for other processes of the same user.
void keep_memory_private() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

int run_program(int argc, char** argv) {
  CLI::App app{"Paylink: payment links on your own machine."};
  app.formatter(std::make_shared<BriefFormatter>());
  app.set_version_flag("--version", version);
  app.require_subcommand(1);

  SettingFlags serve_flags, sandbox_flags, init_flags;
  auto& serve_command = *app.add_subcommand("serve", "Serve real payment links");
  serve_flags.add_to(serve_command);

  SandboxOptions sandbox_options;
  bool no_connection = false;
  auto& sandbox_command =
      *app.add_subcommand("sandbox", "Everything in one process, with seeded data and a simulated provider");
  sandbox_flags.server = "sandbox";
  sandbox_flags.add_to(sandbox_command);
  add_sandbox_options(sandbox_command, sandbox_options, no_connection);

  InitOptions init_options;
  auto& init_command = *app.add_subcommand("init", "Make the first organization, bank account, owner and API key");
  init_flags.add_to(init_command, Wanted::of_storage);
  add_init_options(init_command, init_options);

  MigrateCommand migrate_command;
  migrate_command.add_to(app);

  const OperatorCommands operator_commands(app);
  const LinksCommands links(app);

  const CompletionCommand completion(app);
  if (const auto ended = parse(app, argc, argv)) return *ended;
  if (links.parsed()) return links.run();
  if (completion.parsed()) return completion.run();
  // Before the first thread, that of the log.
  if (serve_command.parsed() || sandbox_command.parsed()) block_signals();
  if (serve_command.parsed())
    return run_with_settings(serve_flags, [](const Settings& settings) { return serve(settings); });
  if (operator_commands.parsed()) return operator_commands.run();
  if (init_command.parsed())
    return run_with_settings(init_flags, [&](const Settings& settings) {
      init_options.settings = settings;
      return init(init_options);
    });
  if (app.got_subcommand("migrate")) return migrate_command.run_parsed();
  return run_with_settings(sandbox_flags, [&](const Settings& settings) {
    sandbox_options.settings = settings;
    sandbox_options.connected = !no_connection;
    return sandbox(std::move(sandbox_options));
  });
}

}  // namespace
}  // namespace paylink::main

int main(int argc, char** argv) {
  paylink::main::keep_memory_private();
  ::umask(0077);  // what this program writes is for its own user alone
  paylink::main::ignore_broken_pipes();
  return paylink::main::run_program(argc, argv);
}
