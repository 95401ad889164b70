#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "json/value.hpp"

namespace paylink::cli {

// Rows under their heads, aligned; lines of at most `width` (0: as long as it takes) unless the first column, which is
// never cut, is wider: a column is narrowed and those after it are left out, so the important ones come first.
std::string table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
                  std::size_t width);

// What people want to see of an answer of the payment-links API: a list as a table, one thing as names and values.
// Anything it does not know is shown as YAML.
std::string to_table(json::Value answer, std::size_t width);

}  // namespace paylink::cli
