#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace paylink::cli {

// A query, parameter by parameter.
class Query {
 public:
  void add(std::string_view name, std::string_view value) {
    text_ += (text_.empty() ? "?" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
  }
  void add(std::string_view name, const std::optional<std::string>& value) {
    if (value) add(name, std::string_view(*value));
  }
  // With its question mark; empty when nothing was added.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Where an answer by cursor says to go on after `cursor`. Absent as below.
std::optional<std::string> next_cursor(std::string_view answer, std::string_view cursor);

// The number of the page that an answer says comes after page `number`. Absent at the end, and when the answer is not
// about pages or would lead back: so a walk ends whatever the server says.
std::optional<std::int64_t> next_page(std::string_view answer, std::int64_t number);

}  // namespace paylink::cli
