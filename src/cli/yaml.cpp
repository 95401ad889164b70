#include "cli/yaml.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "json/writer.hpp"

namespace paylink::cli {
namespace {

using json::Type;
using json::Value;

bool is_plain(std::string_view text) {
  constexpr std::array<std::string_view, 9> words = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  if (text.empty() || !is_letter(text[0]) || !std::ranges::all_of(text, is_inner)) return false;
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(words, small) == words.end();
}

// What YAML would take for a line's end, or does not allow: the code point as JSON escapes it.
std::string_view escape_of(std::string_view text, std::size_t& length) {
  struct Row {
    std::string_view bytes, escape;
  };
  constexpr Row rows[] = {{"\x7F", "\\u007f"},         {"\xC2\x85", "\\u0085"},     {"\xE2\x80\xA8", "\\u2028"},
                          {"\xE2\x80\xA9", "\\u2029"}, {"\xEF\xBB\xBF", "\\ufeff"}, {"\xEF\xBF\xBE", "\\ufffe"},
                          {"\xEF\xBF\xBF", "\\uffff"}};
  for (const Row& row : rows)
    if (text.starts_with(row.bytes)) {
      length = row.bytes.size();
      return row.escape;
    }
  return {};
}

void append_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  std::string quoted;
  json::append_quoted(quoted, text);
  for (std::size_t i = 0; i < quoted.size();) {
    std::size_t length = 1;
    const std::string_view rest = std::string_view(quoted).substr(i);
    // The other characters between 0x80 and 0x9F, which YAML does not allow either.
    const bool control = rest.size() > 1 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
    if (const auto escape = escape_of(rest, length); !escape.empty()) {
      out += escape;
    } else if (control) {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto low = static_cast<unsigned char>(rest[1]);
      out.append("\\u00").append(1, digits[low >> 4]).append(1, digits[low & 15]);
      length = 2;
    } else {
      out += rest[0];
    }
    i += length;
  }
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
