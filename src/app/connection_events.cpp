#include "app/connection_events.hpp"

#include "json/writer.hpp"
#include "store/events.hpp"

namespace paylink::app {

Result<> tell_connection_event(ConnectionEvent event, const store::Connection& connection, sql::Transaction& tx) {
  std::string data;
  json::Writer json(data);
  json.begin_object();
  json.text("event", event == ConnectionEvent::enabled ? "connection_enabled" : "connection_revoked");
  json.text("status", connection_status_names.name(connection.status));
  json.text("bank_account_id", connection.bank_account.text());
  json.text("updated_at", to_rfc3339(tx.now()));
  json.end_object();
  return store::Events(tx).add_outbox(connection.organization, "v1/payment-links-connections", data);
}

}  // namespace paylink::app
