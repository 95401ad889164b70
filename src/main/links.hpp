#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

namespace paylink::main {

// `paylink links …` and `paylink payments …`: the payment-links API from the command line, against any server
// (docs/command-line.md).
class LinksCommands {
 public:
  explicit LinksCommands(CLI::App& program);
  ~LinksCommands();
  LinksCommands(const LinksCommands&) = delete;
  LinksCommands& operator=(const LinksCommands&) = delete;

  // Whether one of them was given; then `run` does it and answers the exit code.
  bool parsed() const;
  int run() const;

 private:
  struct Flags;
  using Action = std::function<int(const Flags&)>;
  static CLI::App& add_group(CLI::App& program, const std::string& name, const std::string& help);
  // A command of a group with the flags that all have.
  CLI::App& add(CLI::App& group, const std::string& name, const std::string& help, Action action);
  void add_create();
  void add_lists();
  void add_of_one_link();
  void add_of_the_account();
  void add_of_one_payment();

  CLI::App& links_;
  CLI::App& payments_;
  std::unique_ptr<Flags> flags_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

}  // namespace paylink::main
