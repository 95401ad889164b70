#pragma once

#include "sql/transaction.hpp"

namespace paylink::app {

// What waits for a moment at least twice as far ahead as it is ever put off was put off by a clock that has been set
// back since: its time comes in a moment. At most `limit` of each kind. Answers how many there were.
Result<int> bring_forward(int limit, sql::Transaction& tx);

}  // namespace paylink::app
