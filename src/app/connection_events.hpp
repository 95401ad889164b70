#pragma once

#include "sql/transaction.hpp"
#include "store/connections.hpp"

namespace paylink::app {

enum class ConnectionEvent : std::uint8_t { enabled, revoked };

// Puts a `v1/payment-links-connections` event (contract.md 5) into the outbox, in the transaction of what it tells of.
Result<> tell_connection_event(ConnectionEvent event, const store::Connection& connection, sql::Transaction& tx);

}  // namespace paylink::app
