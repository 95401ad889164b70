#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "cli/call.hpp"
#include "cli/places.hpp"
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

// For a command that cannot be what was meant: it ends with `usage`.
Failure usage_error(std::string message);

struct Report {
  Exit exit;
  std::string out;  // for stdout
  std::string err;  // for stderr
};

enum class Credentials : std::uint8_t { none, given };

// What was asked, as far as a refusal is explained by it.
struct Asked {
  Credentials credentials = Credentials::none;
  std::span<const FlagPlace> places{};  // of the flags that were typed
  std::string_view not_found{};         // a line on what may be wrong when something is not there
};

// What a command says of an answer. `width` of the terminal, 0 when there is none.
Report report(const ApiAnswer& answer, Output output, std::size_t width, const Asked& asked);

}  // namespace paylink::cli
