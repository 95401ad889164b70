#include "app/link_events.hpp"

#include "json/writer.hpp"
#include "store/events.hpp"

namespace paylink::app {
namespace {

std::string link_data(LinkEvent event, const PaymentLink& link, std::optional<PaymentMethod> latest_method_used) {
  const auto* invoice = std::get_if<Invoice>(&link.subject);
  std::string text;
  text.reserve(640);
  json::Writer json(text);
  json.begin_object();
  json.text("event", event == LinkEvent::created ? "created" : "updated");
  json.text("status", link_status_names.name(link.status));
  json.text("payment_link_id", link.id.text());
  json.key("amount").begin_object();
  json.text("value", link.amount.decimal());
  json.text("currency", link.amount.currency().code());
  json.end_object();
  json.key("potential_payment_methods").begin_array();
  for (const PaymentMethod method : link.methods) json.text(payment_method_names.name(method));
  json.end_array();
  // Of an invoice its id; a basket has no other id than its link's. Never the secret in the link's URL.
  json.text("resource_id", invoice ? invoice->id.text() : link.id.text());
  json.text("resource_type", invoice ? "Invoice" : "Basket");
  json.key("resource_metadata").begin_object();
  if (invoice) json.text("invoice_number", invoice->number);
  json.end_object();
  if (latest_method_used) json.text("latest_payment_method_used", payment_method_names.name(*latest_method_used));
  json.text("expired_at", to_rfc3339(link.expiration_date));
  json.text("created_at", to_rfc3339(link.created_at));
  json.text("updated_at", to_rfc3339(link.updated_at));
  json.end_object();
  return text;
}

}  // namespace

Result<> tell_link_event(LinkEvent event, const PaymentLink& link, std::optional<PaymentMethod> latest_method_used,
                         sql::Transaction& tx) {
  return store::Events(tx).add_outbox(link.organization, "v1/payment-links",
                                      link_data(event, link, latest_method_used));
}

}  // namespace paylink::app
