#pragma once

#include "sql/transaction.hpp"

namespace paylink::app {

// Stores `expired` on at most `limit` links whose time is over, and tells the outbox. Answers how many there were.
// Nobody ever sees the lag: whatever reads a link corrects its status by the clock.
Result<int> expire_links(int limit, sql::Transaction& tx);

}  // namespace paylink::app
