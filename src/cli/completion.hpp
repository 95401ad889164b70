#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paylink::cli {

struct Flag {
  std::vector<std::string> names;  // with their dashes
  std::string description{};
  enum class Takes : std::uint8_t { nothing, value } takes = Takes::nothing;
  std::vector<std::string> choices{};  // the values, where they are known
};

// A command, what it takes, and the commands within it.
struct Command {
  std::string name;
  std::string description{};
  std::vector<std::string> words{};  // what else may stand there: the values of an argument
  std::vector<Flag> flags{};
  std::vector<Command> commands{};
};

// A script that teaches `shell` (bash, zsh or fish) the commands and flags of `program`: to be sourced when the shell
// starts. Absent for another shell.
std::optional<std::string> completion_script(const Command& program, std::string_view shell);

}  // namespace paylink::cli
