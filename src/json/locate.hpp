#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "json/document.hpp"

namespace paylink::json {

// Says for people why `text` is no acceptable JSON text and where: "line 2, column 7: expected ',' or '}'". Slow and
// simple: run only on a text that the parser has refused. Empty when this finds nothing wrong. Does not look at
// duplicate keys.
std::string locate_fault(std::string_view text, const Limits& limits);

// The same of a valid text in which a key occurs twice: where the second one is. `member` is the number of its value,
// from 0, in the order in which the text's values begin, arrays and objects included.
std::string locate_duplicate_key(std::string_view text, std::size_t member, const Limits& limits);

}  // namespace paylink::json
