#include "simulator/copy_json.hpp"

#include <charconv>

namespace paylink::simulator {
namespace {

using json::Type;
using json::Value;

// An integer beyond 64 bits would not be read again; with a fraction it is the same number.
std::string number_text(Value number) {
  std::string text = number.decimal();
  std::uint64_t above = 0;
  const bool is_unsigned = std::from_chars(text.data(), text.data() + text.size(), above).ec == std::errc();
  if (!number.integer() && !is_unsigned && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace

void copy_json(json::Writer& out, Value value) {
  switch (value.type()) {
    case Type::null:
      out.null();
      return;
    case Type::boolean:
      out.boolean(value.boolean());
      return;
    case Type::number:
      out.raw(number_text(value));
      return;
    case Type::text:
      out.text(value.text());
      return;
    case Type::array:
      out.begin_array();
      for (const Value element : value.children()) copy_json(out, element);
      out.end_array();
      return;
    case Type::object:
      out.begin_object();
      for (const Value element : value.children()) {
        out.escaped_key(element.key());
        copy_json(out, element);
      }
      out.end_object();
      return;
  }
}

std::string json_text(Value value) {
  std::string text;
  json::Writer writer(text);
  copy_json(writer, value);
  return text;
}

}  // namespace paylink::simulator
