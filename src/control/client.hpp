#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace paylink::control {

inline constexpr std::size_t answer_bytes_max = 64 << 20;

// Sends one line to the server at `path` and waits for its line (`patience` at most). Nothing when no server is there:
// no socket, or one that a process left behind. Fails with `control_socket_unusable` or `no_answer`.
Result<std::optional<std::string>> ask(const std::string& path, std::string_view line,
                                       std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace paylink::control
