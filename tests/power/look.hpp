#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service.hpp"

// What is to be seen in a database when the program starts on it.
namespace paylink::power {

enum class Depth : std::uint8_t { rows, whole };  // `whole`: SQLite's integrity_check too

struct Look {
  std::string trouble;        // why it cannot be opened or read, or what is wrong with its structure; empty: nothing
  std::uint64_t content = 0;  // tells all rows of all tables from any others
};

// Opens what is on the mounted disk.
Look look(World& world, Depth depth);

// What is wrong with it: its structure, the ledger, what the fault campaigns ask of every committed state
// (tests/faults/README.md), and promises that are not kept. Empty: nothing.
std::string complaints(const std::vector<Promise>& promises, World& world);

}  // namespace paylink::power
