#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

namespace paylink::main {

// `paylink links …`: the payment-links API from the command line, against any server (docs/command-line.md).
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
  void add(CLI::App& group, const std::string& name, const std::string& help,
           const std::function<void(CLI::App&)>& add_flags, std::function<int()> action);
  std::unique_ptr<Flags> flags_;
  std::vector<std::pair<CLI::App*, std::function<int()>>> actions_;
};

}  // namespace paylink::main
