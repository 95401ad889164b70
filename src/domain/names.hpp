#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ensure.hpp"

namespace paylink {

// The spellings of an enum, the same in code, database and API.
template <class Enum, std::size_t N>
struct Names {
  std::array<std::pair<Enum, std::string_view>, N> rows;

  constexpr std::string_view name(Enum value) const {
    for (const auto& row : rows)
      if (row.first == value) return row.second;
    broken_invariant("an enumerator without a name", __FILE__, __LINE__);
  }
  constexpr std::optional<Enum> parse(std::string_view text) const {
    for (const auto& row : rows)
      if (row.second == text) return row.first;
    return std::nullopt;
  }
};

template <class Enum, std::size_t N>
constexpr Names<Enum, N> names(const std::pair<Enum, std::string_view> (&rows)[N]) {
  Names<Enum, N> result{};
  std::copy(rows, rows + N, result.rows.begin());
  return result;
}

}  // namespace paylink
