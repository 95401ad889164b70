#pragma once

#include <cstdint>
#include <string>

#include "cli/call.hpp"
#include "json/document.hpp"

namespace paylink::cli {

// How much of an answer is read as JSON.
inline constexpr json::Limits answer_limits{.depth = 64, .bytes = answer_bytes_max};

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
enum class Credentials : std::uint8_t { none, given };
Report report(const ApiAnswer& answer, Output output, std::size_t width, Credentials credentials);

}  // namespace paylink::cli
