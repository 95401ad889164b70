#pragma once

#include <cstdint>
#include <string>

#include "cli/call.hpp"

namespace paylink::cli {

enum class Output : std::uint8_t { table, json, yaml };

// How a command ends; scripts rely on the numbers (docs/command-line.md).
enum class Exit : std::uint8_t {
  done = 0,
  refused = 1,
  usage = 2,
  not_authorized = 3,
  not_found = 4,
  broken = 5,
  later = 6
};

struct Report {
  Exit exit;
  std::string out;  // for stdout
  std::string err;  // for stderr
};

// What a command says of an answer. `width` of the terminal, 0 when there is none.
Report report(const ApiAnswer& answer, Output output, std::size_t width);

}  // namespace paylink::cli
