#pragma once

#include <memory>
#include <optional>

#include "base/random.hpp"
#include "crypto/keyring.hpp"
#include "main/settings.hpp"
#include "sql/whole_database.hpp"

// For commands that only read what is stored, while a server runs on it or not: nothing is made or changed, and nobody
// is kept waiting.
namespace paylink::main {

// An installation's database, of this program's schema and not in the middle of a move. Fails with `bad_setting`,
// `schema_too_old` or `schema_too_new`.
Result<std::unique_ptr<sql::WholeDatabase>> open_for_reading(const Settings& settings, Random& random);

// Whose keys what is stored was made with.
struct Owner {
  bool is_sandbox = false;
  std::optional<crypto::KeyRing> keys;  // absent without a key file
};

// A sandbox's keys follow from the seed in its directory, whatever else is configured; an installation's are in a file.
Result<Owner> find_owner(const Settings& settings);

}  // namespace paylink::main
