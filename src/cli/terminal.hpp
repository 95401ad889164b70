#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text on its way to a terminal.
namespace paylink::cli {

// Whether a terminal would do something else than show it: move the cursor, turn the line around, hide it.
bool is_harmful(char32_t c);

// The text with a question mark for whatever is harmful.
std::string harmless(std::string_view text);

// How many columns a terminal needs for it, about: East Asian characters take two.
std::size_t width_of(std::string_view text);

// The text in at most `width` columns, with an ellipsis where something is missing.
std::string cut(std::string_view text, std::size_t width);

// How wide the terminal on stdout is, or as COLUMNS says. 0: of no known width, and nothing is cut.
std::size_t terminal_width();

}  // namespace paylink::cli
