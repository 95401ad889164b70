#include "oauth/description.hpp"

#include <algorithm>

#include "domain/scopes.hpp"

namespace paylink::oauth {
namespace {

constexpr std::size_t shown_max = 64;

bool may_be_shown(char letter) { return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\'; }

}  // namespace

std::string shown(std::string_view word) {
  std::string text(word.substr(0, shown_max));
  std::ranges::replace_if(text, [](char letter) { return !may_be_shown(letter); }, '?');
  return word.size() > shown_max ? text + "..." : text;
}

std::string repeated_parameter(std::string_view name) {
  return "The parameter " + shown(name) + " came more than once.";
}

std::string unreadable_scopes(std::string_view text) {
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(' '));
    if (!name.empty() && !is_known_scope(name))
      return "The scope " + shown(name) + " is unknown: the metadata lists all there are, and spaces separate them.";
    text.remove_prefix(std::min(name.size() + 1, text.size()));
  }
  return "The scopes must be separated by single spaces, with none before or behind them.";
}

}  // namespace paylink::oauth
