#pragma once

#include "crypto/keyring.hpp"
#include "sql/transaction.hpp"

namespace paylink::app {

// Holds the master key against the one that the data was made with, of which a mark is stored the first time. With
// another one nobody's keys, tokens and cookies would be known, and what is made meanwhile would be lost afterwards.
// Fails with `other_key` (invalid_input).
Result<> check_master_key(const crypto::KeyRing& keys, sql::Transaction& tx);

// The same, but that nothing is stored, for data of any earlier version of the schema: before it is brought to this
// one.
Result<> refuse_other_key(const crypto::KeyRing& keys, sql::Transaction& tx);

}  // namespace paylink::app
