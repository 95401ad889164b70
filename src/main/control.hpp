#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"

namespace paylink::main {

// The commands that work on a data directory whether a server runs on it or not: one line of JSON asks
// (`{"command":"keys list",…}`), one answers: `{"done":…}` or `{"error":{"reason":…,"message":…,"detail":…}}`.

inline constexpr const char* control_socket = "control.sock";  // in the data directory

using ControlStep = std::function<Result<>(sql::Transaction&)>;
using Transactor = std::function<Result<>(const ControlStep&)>;  // runs a step in one write transaction

// For the log: the name of the command in a line, empty when the line is none; and whether an answer says that it was
// done.
std::string control_command(std::string_view line);
bool is_done(std::string_view answer);

// `who` is kept as the maker of what is made. Without `keys`, commands that need them fail with `no_key_file`.
std::string run_control_line(std::string_view line, const std::string& who, const crypto::KeyRing* keys,
                             const Transactor& write);

}  // namespace paylink::main
