#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paylink::json {

// Appends one JSON value to a string; puts the commas itself. Nothing checks that brackets match: the tests of each
// encoder do. Text must be valid UTF-8, which everything that was read through `Reader` is.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out), start_(out.size()) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }

  // Keys are our own words and need no escaping; `escaped_key` takes any.
  Writer& key(std::string_view name);
  Writer& escaped_key(std::string_view name);

  Writer& text(std::string_view text);
  Writer& integer(std::int64_t number);
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  // A value that is JSON already.
  Writer& raw(std::string_view json);

  // The members that most objects are made of.
  Writer& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  Writer& integer(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  Writer& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& null(std::string_view name) { return key(name).null(); }
  Writer& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket) {
    out_ += bracket;
    return *this;
  }
  void separate();

  std::string& out_;
  std::size_t start_;
};

// `text` as a JSON string, with its quotes.
void append_quoted(std::string& out, std::string_view text);

}  // namespace paylink::json
