#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace paylink::main {

// `paylink completion SHELL`: prints a script that completes the commands and flags of the whole program.
class CompletionCommand {
 public:
  // `program` outlives this, and has its commands when `run` is called.
  explicit CompletionCommand(CLI::App& program);

  bool parsed() const { return command_.parsed(); }
  int run() const;

 private:
  const CLI::App& program_;
  CLI::App& command_;
  std::string shell_;
};

}  // namespace paylink::main
