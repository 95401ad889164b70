#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"

namespace paylink::cli {

// Text as a terminal may be given it: nothing in it can move the cursor or turn the line around.
std::string harmless(std::string_view text);

// How many columns a terminal needs for it, about: East Asian characters take two.
std::size_t width_of(std::string_view text);

// Rows under their heads, aligned; `width` columns at most (0: as many as it takes), by cutting the last one.
std::string table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
                  std::size_t width);

// What people want to see of an answer of the payment-links API: a list as a table, one thing as names and values.
// Anything it does not know is shown as YAML.
std::string to_table(json::Value answer, std::size_t width);

}  // namespace paylink::cli
