#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "crypto/keyring.hpp"
#include "json/faults.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "sql/transaction.hpp"

namespace paylink::main {

// The commands behind main/control.hpp.

struct ControlContext {
  const std::string& who;
  const crypto::KeyRing* keys;  // null when there are none
  sql::Transaction& tx;
};

// One command: reads its arguments, answers JSON. It may run again when its transaction is repeated.
struct ControlCommand {
  std::string_view name;
  Result<std::string> (*run)(const json::Reader& arguments, json::Faults& faults, const ControlContext& context);
};

std::span<const ControlCommand> key_commands();
std::span<const ControlCommand> client_commands();
std::span<const ControlCommand> user_commands();  // and those of organizations

// What they share.
Failure bad_argument(std::string message);
Result<const crypto::KeyRing*> need_keys(const ControlContext& context);  // fails with `no_key_file`
std::string text_or_nothing(const std::optional<std::string_view>& text);
std::string read_organization(const json::Reader& arguments);
std::vector<std::string> read_texts(const json::Reader& arguments, std::string_view name, json::Range count,
                                    json::Range code_points);
void write_time(json::Writer& json, std::string_view name, const std::optional<Time>& time);
void write_scopes(json::Writer& json, std::string_view scopes);  // separated by spaces

}  // namespace paylink::main
