#pragma once

#include "sql/transaction.hpp"

namespace paylink::app {

// Deletes at most `limit` rows of each kind that nobody may ask for any more: idempotency keys after 30 days, outbox
// events after 7. Answers how many.
Result<int> purge_old_rows(int limit, sql::Transaction& tx);

}  // namespace paylink::app
