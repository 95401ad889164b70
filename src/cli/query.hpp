#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
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

// How a list is walked: by a cursor, which costs the same wherever it is, or by the page's number.
enum class Walk : std::uint8_t { by_cursor, by_number };

// A place in a list that is walked.
struct ListPlace {
  Walk walk = Walk::by_number;
  std::string cursor{};  // empty: the beginning
  std::int64_t page = 1;

  std::string_view parameter() const { return walk == Walk::by_cursor ? "cursor" : "page"; }
  std::string value() const { return walk == Walk::by_cursor ? cursor : std::to_string(page); }
};

// Where the list goes on that was asked for at `place`: absent at its end, and when the answer is not about pages. A
// server that knows no cursors takes the first one for the first page, and is asked by number from then on. Fails with
// `endless_list` when the answer leads back: so a walk ends whatever the server says.
Result<std::optional<ListPlace>> next_place(std::string_view answer, const ListPlace& place);

}  // namespace paylink::cli
