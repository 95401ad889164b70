#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace paylink {

// Which part of a list is wanted: pages of `size` entries, counted from 1.
struct Page {
  std::int64_t number = 1;
  std::int64_t size = 100;

  std::int64_t offset() const { return (number - 1) * size; }
};

enum class Direction : std::uint8_t { ascending, descending };

// What comes after a place in a list.
template <class Entry>
struct Walked {
  std::vector<Entry> entries;
  bool has_more = false;
};

// One page, and how many entries there are on all of them.
template <class Entry>
struct Listed {
  std::vector<Entry> entries;
  std::int64_t total = 0;
  Page page;
  std::optional<bool> has_more{};  // of a page that went on from the one before it, which the total knows nothing of
};

}  // namespace paylink
