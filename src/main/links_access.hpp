#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "cli/settings.hpp"

namespace paylink::main {

// The flags that say where the API is and who asks, and what stands behind them: a ready file, which a flag names,
// PAYLINK_* variables and the configuration file, in this order (docs/command-line.md).
class AccessFlags {
 public:
  void add_to(CLI::App& command);

  // Fails with `usage`.
  Result<cli::Settings> read() const;
  // Whether that takes what is on stdin.
  bool reads_stdin() const { return token_file_ == "-" || api_key_file_ == "-"; }

 private:
  Result<cli::Source> from_flags() const;

  std::optional<std::string> base_url_, token_, token_file_, api_key_, api_key_file_, staging_token_, ready_file_,
      config_, output_;
  double timeout_seconds_ = 30;
};

// The text of a file, at most 1 MiB, or of stdin for "-". Fails with `usage`.
Result<std::string> read_text(const std::string& path);

}  // namespace paylink::main
