#include "cli/yaml.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "cli/terminal.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;

bool is_plain(std::string_view text) {
  constexpr std::array<std::string_view, 9> words = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  if (text.empty() || !is_letter(text[0]) || !std::ranges::all_of(text, is_inner)) return false;
  return std::ranges::find(words, lower_ascii(text)) == words.end();
}

// `c` as YAML writes it between double quotes. What a terminal must not be given is more than what YAML forbids or
// takes for a line's end, but for the two that are no characters.
void append_escape(std::string& out, char32_t c) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += c > 0xFFFF ? "\\U" : "\\u";
  for (int shift = c > 0xFFFF ? 28 : 12; shift >= 0; shift -= 4) out += digits[(c >> shift) & 15];
}

void append_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  out += '"';
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (c.value == '"' || c.value == '\\')
      out.append("\\").append(text.substr(0, 1));
    else if (c.value == '\n')
      out += "\\n";
    else if (is_harmful(c.value) || c.value == 0xFFFE || c.value == 0xFFFF)
      append_escape(out, c.value);
    else
      out += text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
  }
  out += '"';
}

void append_value(std::string& out, Value value, std::size_t indent);

void append_inner(std::string& out, Value value, std::size_t indent) {
  const bool nested = (value.type() == Type::object || value.type() == Type::array) && value.size() > 0;
  if (!nested) {
    out += ' ';
    append_value(out, value, indent);
    return;
  }
  out += '\n';
  append_value(out, value, indent);
}

void append_value(std::string& out, Value value, std::size_t indent) {
  const std::string margin(indent, ' ');
  switch (value.type()) {
    case Type::null:
      out += "null\n";
      return;
    case Type::boolean:
      out += value.boolean() ? "true\n" : "false\n";
      return;
    case Type::number:
      out += value.decimal() + "\n";
      return;
    case Type::text:
      append_text(out, value.text());
      out += '\n';
      return;
    case Type::object:
      if (value.size() == 0) out += "{}\n";
      for (const Value member : value.children()) {
        out += margin;
        append_text(out, member.key());
        out += ':';
        append_inner(out, member, indent + 2);
      }
      return;
    case Type::array:
      if (value.size() == 0) out += "[]\n";
      for (const Value element : value.children()) {
        out += margin + "-";
        append_inner(out, element, indent + 2);
      }
      return;
  }
}

}  // namespace

std::string to_yaml(Value value) {
  std::string out;
  append_value(out, value, 0);
  return out;
}

}  // namespace paylink::cli
