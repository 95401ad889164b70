#include "main/toml_file.hpp"

#include <algorithm>
#include <string>

namespace paylink::main {
namespace {

Failure bad(std::int64_t line, std::string_view what) {
  return fail(ErrorCode::invalid_input, "bad_toml", "line " + std::to_string(line) + ": " + std::string(what));
}

// What follows `text[at]`, the start of a comment or of a text between quotes (TOML 1.0, "String").
std::size_t end_of_comment(std::string_view text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }

std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool many_lines = text.substr(at).starts_with(three);
  const std::string_view end = many_lines ? std::string_view(three) : text.substr(at, 1);
  for (std::size_t i = at + end.size(); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (!many_lines && text[i] == '\n')
      return i;  // broken off: toml++ says so
    else if (text.substr(i).starts_with(end))
      return i + end.size();
  }
  return text.size();
}

// Where a letter stands that is neither ASCII nor in a text or comment; npos: nowhere.
std::size_t strange_letter(std::string_view text) {
  std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (i < text.size()) {
    if (static_cast<unsigned char>(text[i]) > 0x7F) return i;
    if (text[i] == '#')
      i = end_of_comment(text, i);
    else if (text[i] == '"' || text[i] == '\'')
      i = end_of_quoted(text, i);
    else
      ++i;
  }
  return std::string_view::npos;
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text) {
  if (const std::size_t at = strange_letter(text); at != std::string_view::npos)
    return bad(1 + std::ranges::count(text.substr(0, at), '\n'),
               "a letter beyond ASCII outside of a text; put a text in quotes");
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return bad(error.source().begin.line, error.description());
  }
}

}  // namespace paylink::main
