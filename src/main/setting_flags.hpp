#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "main/settings.hpp"

namespace paylink::main {

inline constexpr int wrong_usage = 2;  // the exit code

enum class Wanted : std::uint8_t { all, of_storage };

// The settings as flags of one command, and the file they may be in.
struct SettingFlags {
  SettingValues values;
  std::optional<std::string> config;
  std::string_view server = "serve";  // the command whose --help lists every setting

  // This outlives the command.
  void add_to(CLI::App& command, Wanted wanted = Wanted::all);
};

// Reads the settings, then runs the command with them; what goes wrong is a sentence on stderr. Answers the exit code.
int run_with_settings(const SettingFlags& flags, const std::function<Result<int>(const Settings&)>& command);

}  // namespace paylink::main
