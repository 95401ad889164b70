#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "service.hpp"

// What is to be seen in a database when the program starts on it.
namespace paylink::power {

struct Look {
  std::string trouble;        // why it cannot be opened, or read; empty: nothing
  std::uint64_t content = 0;  // tells what is in it from anything else
};

// Starts on what is on the disk, which is mounted by that, and ends again, which leaves everything in one file: its
// bytes. What is the same to the byte has the same rows, and is as sound.
Look look_at_bytes(World& world, std::shared_ptr<Disk> disk);

// The rows of all tables, however they are stored. On the mounted disk.
Look look_at_rows(World& world);

// What is wrong with it: its structure, the ledger, what the fault campaigns ask of every committed state
// (tests/faults/README.md), and promises that are not kept. Empty: nothing.
std::string complaints(const std::vector<Promise>& promises, World& world);

}  // namespace paylink::power
