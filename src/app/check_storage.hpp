#pragma once

#include "sql/transaction.hpp"

namespace paylink::app {

// Succeeds when the database answers a question about its own tables.
Result<> check_storage(sql::Transaction& tx);

}  // namespace paylink::app
