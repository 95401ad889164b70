#include "main/completion.hpp"

#include <map>

namespace paylink::main {
namespace {

// What may follow a flag, where that is known.
const std::map<std::string, std::string>& values() {
  static const std::map<std::string, std::string> known = {
      {"--output", "table json yaml"},
      {"-o", "table json yaml"},
      {"--method", "credit_card apple_pay paypal ideal"},
      {"--status", "open expired canceled paid processing pending authorized failed"},
      {"--sort-by",
       "amount:asc amount:desc expiration_date:asc expiration_date:desc creation_date:asc creation_date:desc"},
      {"--scope", "payment_link.read payment_link.write payment_link.create organization.read membership.read webhook"},
      {"--log-level", "debug info warn error off"}};
  return known;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
  }
  return flags;
}

std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    words += inner->get_name() + " ";
  for (const std::string& flag : flags_of(command)) words += flag + " ";
  return words;
}

// Calls `visit(path, command)` for each command, `path` as " links create".
template <class Visit>
void walk(const CLI::App& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    walk(*inner, path + " " + inner->get_name(), visit);
}

std::string bash_script(const CLI::App& program) {
  std::string paths, words;
  walk(program, "", [&](const std::string& path, const CLI::App& command) {
    if (!path.empty()) paths += (paths.empty() ? "\"" : " | \"") + path + "\"";
    words += "    \"" + path + "\") words=\"" + words_of(command) + "\" ;;\n";
  });
  std::string after;
  for (const auto& [flag, list] : values()) after += "    " + flag + ") words=\"" + list + "\" ;;\n";
  return R"(_paylink() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path="" words="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in )" +
         paths + R"() path+=" $word" ;; esac
  done
  case $previous in
)" + after +
         R"(  esac
  [[ -n $words ]] || case $path in
)" + words +
         R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _paylink paylink
)";
}

// mapfile is bash's alone.
std::string zsh_script(const CLI::App& program) {
  std::string script = bash_script(program);
  const std::string reading = R"(  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"))";
  script.replace(script.find(reading), reading.size(), R"(  COMPREPLY=($(compgen -W "$words" -- "$current")))");
  return "#compdef paylink\nautoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
         script;
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string fish_script(const CLI::App& program) {
  std::string script = R"(function __paylink_at
    set -l path
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or set -a path $word
    end
    string match -q -- "$argv*" "$path"; and test (count $argv) -eq (count $path)
end
)";
  walk(program, "", [&](const std::string& path, const CLI::App& command) {
    const std::string at = "complete -c paylink -n " + quoted("__paylink_at" + path);
    for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
      script += at + " -f -a " + inner->get_name() + " -d " + quoted(inner->get_description()) + "\n";
    for (const CLI::Option* option : command.get_options())
      for (const std::string& name : option->get_lnames()) {
        const auto list = values().find("--" + name);
        script += at + " -l " + name + " -d " + quoted(option->get_description());
        if (list != values().end()) script += " -x -a " + quoted(list->second);
        script += "\n";
      }
  });
  return script;
}

}  // namespace

std::optional<std::string> completion_script(const CLI::App& program, const std::string& shell) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  if (shell == "fish") return fish_script(program);
  return std::nullopt;
}

}  // namespace paylink::main
