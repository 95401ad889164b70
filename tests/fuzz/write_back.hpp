#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "json/value.hpp"
#include "json/writer.hpp"

namespace paylink::fuzz {

// An integer beyond 64 bits is refused; the same number with a fraction is a binary64. An integer has no negative zero.
inline std::string as_number(std::string decimal) {
  if (decimal == "-0") return "0";
  std::int64_t below = 0;
  std::uint64_t above = 0;
  const char *const first = decimal.data(), *const end = first + decimal.size();
  const bool fits = std::from_chars(first, end, below).ec == std::errc() ||
                    (decimal[0] != '-' && std::from_chars(first, end, above).ec == std::errc());
  return fits || decimal.find('.') != std::string::npos ? decimal : decimal + ".0";
}

// A parsed value as JSON again, without white space; numbers as the decimals they are read as.
inline void write_back(json::Writer& out, json::Value value) {
  switch (value.type()) {
    case json::Type::null:
      out.null();
      return;
    case json::Type::boolean:
      out.boolean(value.boolean());
      return;
    case json::Type::number:
      out.raw(as_number(value.decimal()));
      return;
    case json::Type::text:
      out.text(value.text());
      return;
    case json::Type::array:
      out.begin_array();
      for (const json::Value inner : value.children()) write_back(out, inner);
      out.end_array();
      return;
    case json::Type::object:
      out.begin_object();
      for (const json::Value inner : value.children()) {
        out.escaped_key(inner.key());
        write_back(out, inner);
      }
      out.end_object();
      return;
  }
}

inline std::string write_back(json::Value value) {
  std::string text;
  json::Writer out(text);
  write_back(out, value);
  return text;
}

}  // namespace paylink::fuzz
