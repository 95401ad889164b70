#pragma once

#include "sql/transaction.hpp"

namespace paylink::app {

// Deletes at most `limit` rows of each kind (of API keys twice that) that nobody may ask for any more: idempotency keys
// after 30 days, outbox events after 7, API keys 90 after they expired or were revoked, and what nodes told one another
// of their clients after a minute. Answers how many.
Result<int> purge_old_rows(int limit, sql::Transaction& tx);

}  // namespace paylink::app
