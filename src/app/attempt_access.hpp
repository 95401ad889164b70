#pragma once

#include "domain/attempt.hpp"
#include "sql/transaction.hpp"
#include "store/connections.hpp"

namespace paylink::app {

// What speaks for the merchant about a payment: the connection it was begun by, or, when that has ended, the one that
// the same profile at the provider is connected by now. What was begun before is settled and refunded by it.
Result<store::Connection> connection_for(const Attempt& attempt, sql::Transaction& tx);

// Whether it has anything to speak with: the tokens of a grant that has ended are forgotten in the end.
Result<bool> can_speak(const store::Connection& connection, sql::Transaction& tx);

}  // namespace paylink::app
