#include "cli/completion.hpp"

#include <functional>
#include <set>

namespace paylink::cli {
namespace {

// Calls `visit(path, command)` for each command, `path` as " links create".
using Visit = std::function<void(const std::string&, const Command&)>;
void walk(const Command& command, const std::string& path, const Visit& visit) {
  visit(path, command);
  for (const Command& inner : command.commands) walk(inner, path + " " + inner.name, visit);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : between).append(part);
  return text;
}

// What may be typed where the command stands.
std::string words_of(const Command& command) {
  std::vector<std::string> words = command.words;
  for (const Command& inner : command.commands) words.push_back(inner.name);
  for (const Flag& flag : command.flags) words.insert(words.end(), flag.names.begin(), flag.names.end());
  return joined(words, " ");
}

// What bash and zsh share, both of which have `case`: from the words typed so far to the command they are at, and from
// that and the word before the current one to the choices.
struct Cases {
  std::string paths;    // " links" | " links create"
  std::string choices;  // lines: the values of flags that are known
  std::string values;   // *" --base-url" | *" --token"
  std::string words;    // lines: what each command takes
};

Cases cases_of(const Command& program) {
  Cases cases;
  std::vector<std::string> paths;
  std::set<std::string> values;
  walk(program, "", [&](const std::string& path, const Command& command) {
    if (!path.empty()) paths.push_back("\"" + path + "\"");
    cases.words += "      \"" + path + "\") choices=\"" + words_of(command) + "\" ;;\n";
    for (const Flag& flag : command.flags) {
      if (flag.takes == Flag::Takes::nothing) continue;
      for (const std::string& name : flag.names) {
        values.insert("*\" " + name + "\"");
        if (!flag.choices.empty())
          cases.choices += "    \"" + path + " " + name + "\") choices=\"" + joined(flag.choices, " ") + "\" ;;\n";
      }
    }
  });
  cases.paths = joined(paths, " | ");
  cases.values = joined({values.begin(), values.end()}, " | ");
  return cases;
}

// bash makes words of their own of `=` and `:`, and replaces only what follows them.
std::string bash_script(const Command& program) {
  const Cases cases = cases_of(program);
  return R"(_paylink() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} at="" prefix="" choices="" word
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $current == ":" ]]; then
    prefix=$previous: current="" previous=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $previous == ":" && COMP_CWORD -gt 2 ]]; then
    prefix=${COMP_WORDS[COMP_CWORD - 2]}: previous=${COMP_WORDS[COMP_CWORD - 3]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in )" +
         cases.paths + R"() at+=" $word" ;; esac
  done
  COMPREPLY=()
  case "$at $previous" in
)" + cases.choices +
         "    " + cases.values + R"() return ;;
    *) case $at in
)" + cases.words +
         R"(    esac ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$prefix$current")
  COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
}
complete -o default -F _paylink paylink
)";
}

std::string zsh_script(const Command& program) {
  const Cases cases = cases_of(program);
  return R"(#compdef paylink
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_paylink() {
  emulate -L zsh
  local at="" choices="" previous=${words[CURRENT-1]} word
  if [[ ${words[CURRENT]} == --*=* ]]; then
    previous=${words[CURRENT]%%=*}
    compset -P '*='
  fi
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ()" +
         cases.paths + R"() at+=" $word" ;;
    esac
  done
  case "$at $previous" in
)" + cases.choices +
         "    (" + cases.values + R"() _files; return ;;
    (*) case $at in
)" + cases.words +
         R"(    esac ;;
  esac
  compadd -- ${=choices}
}
compdef _paylink paylink
)";
}

std::string fish_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string fish_flag(const Flag& flag) {
  std::string line;
  for (const std::string& name : flag.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (flag.takes == Flag::Takes::value)
    line += flag.choices.empty() ? " -r" : " -x -a " + fish_quoted(joined(flag.choices, " "));
  return line + " -d " + fish_quoted(flag.description);
}

std::string fish_script(const Command& program) {
  std::string paths, lines;
  walk(program, "", [&](const std::string& path, const Command& command) {
    if (!path.empty()) paths += " " + fish_quoted(path);
    const std::string at = "complete -c paylink -n " + fish_quoted("__paylink_at " + fish_quoted(path));
    for (const Command& inner : command.commands)
      lines += at + " -f -a " + inner.name + " -d " + fish_quoted(inner.description) + "\n";
    if (!command.words.empty()) lines += at + " -f -a " + fish_quoted(joined(command.words, " ")) + "\n";
    for (const Flag& flag : command.flags) lines += at + fish_flag(flag) + "\n";
  });
  return "set -g __paylink_commands" + paths + R"(
function __paylink_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        contains -- "$at $word" $__paylink_commands; and set at "$at $word"
    end
    test "$at" = "$argv[1]"
end
)" + lines;
}

}  // namespace

std::optional<std::string> completion_script(const Command& program, std::string_view shell) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  if (shell == "fish") return fish_script(program);
  return std::nullopt;
}

}  // namespace paylink::cli
