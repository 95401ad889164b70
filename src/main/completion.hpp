#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace paylink::main {

// A script that teaches `shell` (bash, zsh or fish) the commands and flags of `program`; absent for another shell.
std::optional<std::string> completion_script(const CLI::App& program, const std::string& shell);

}  // namespace paylink::main
