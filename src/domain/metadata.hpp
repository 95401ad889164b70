#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paylink {

// What a merchant keeps with a link: pairs of text, in the order they were sent, each name once. Our own extension.
struct MetadataPair {
  std::string name;
  std::string value;  // at most metadata_value_max code points, without control characters
};
using Metadata = std::vector<MetadataPair>;

constexpr std::size_t metadata_pairs_max = 50;
constexpr std::size_t metadata_value_max = 500;
constexpr std::size_t metadata_name_max = 40;

// 1 to 40 letters, digits, `_`, `.` and `-`.
constexpr bool is_metadata_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  return !name.empty() && name.size() <= metadata_name_max && std::ranges::all_of(name, allowed);
}

}  // namespace paylink
