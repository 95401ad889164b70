// The body of POST /v2/payment_links under every compat setting that changes how it is read, and the items read back
// (api/payment_links_json, items_json, app/read_items). What is accepted costs what its items cost, and its items, sent
// again as they are answered, make the same link; so does what is kept with it.
#include <algorithm>
#include <set>
#include <string>

#include "api/payment_links_json.hpp"
#include "app/read_items.hpp"
#include "body_faults.hpp"
#include "domain/vat.hpp"
#include "input.hpp"
#include "json/document.hpp"

namespace paylink {
namespace {

using app::CompatSettings;
using app::CreatePaymentLink;

void check_items(const CreatePaymentLink& link, const std::string& json, const CompatSettings& compat) {
  const auto items = app::read_items(json, compat.vat_rate);
  ENSURE(items.has_value() && !items->empty() && items->size() <= 500);
  for (const Item& item : *items) {
    fuzz::check_text(item.title, 1, 255);
    fuzz::check_lines(item.description.value_or(""), 0, 2000);
    fuzz::check_text(item.measure_unit.value_or(""), 0, 64);
  }
  const auto total = total_of(*items, compat.vat_rounding);
  ENSURE(total.has_value() && *total == link.amount);
  const auto again = api::decode_create_payment_link(
      R"({"payment_link":{"potential_payment_methods":["paypal"],"items":)" + json + "}}", compat);
  ENSURE(again.has_value() && again->amount == link.amount);
  ENSURE(std::get<Basket>(again->subject).items == json);
}

// What is kept with it: sent again it is the same.
void check_kept(const CreatePaymentLink& link, const CompatSettings& compat) {
  ENSURE(link.metadata.size() <= metadata_pairs_max && link.metadata.empty() == link.metadata_json.empty());
  std::set<std::string> names;
  for (const auto& [name, value] : link.metadata) {
    ENSURE(is_metadata_name(name) && names.insert(name).second);
    fuzz::check_text(value, 0, metadata_value_max);
  }
  std::string body = R"({"payment_link":{"potential_payment_methods":["paypal"],"items":[{"title":"a","quantity":1,)"
                     R"("unit_price":{"value":"1.00","currency":"EUR"},"vat_rate":"0"}])";
  if (!link.metadata.empty()) body += R"(,"metadata":)" + link.metadata_json;
  if (link.expiration_date) body += R"(,"expiration_date":")" + to_rfc3339(*link.expiration_date) + '"';
  const auto again = api::decode_create_payment_link(body + "}}", compat);
  ENSURE(again.has_value() && again->metadata_json == link.metadata_json);
  ENSURE(std::ranges::equal(again->metadata, link.metadata, [](const auto& one, const auto& other) {
    return one.name == other.name && one.value == other.value;
  }));
  // A fraction of a second is not written.
  ENSURE(again->expiration_date.has_value() == link.expiration_date.has_value());
  if (link.expiration_date)
    ENSURE(*again->expiration_date == std::chrono::floor<std::chrono::seconds>(*link.expiration_date));
}

void check_answer(const CreatePaymentLink& command) {
  const PaymentLink link{.organization = {},
                         .id = {},
                         .resource_id = {},
                         .amount = command.amount,
                         .methods = command.methods,
                         .reusable = command.reusable,
                         .subject = command.subject,
                         .expiration_date = {},
                         .expires_effective_at = {},
                         .canceled_at = {},
                         .created_at = {},
                         .updated_at = {},
                         .metadata = command.metadata_json};
  const api::LinkContext context{"https://pay.example.com", Time{}};
  const auto body = json::Document::parse(api::single_payment_link_json(link, context, app::SingleLink::both));
  ENSURE(body.has_value() && body->root().find("payment_link") && body->root().find("id"));
  const auto kept = json::member(body->root(), "metadata", json::Type::object);
  ENSURE((kept ? kept->size() : 0) == command.metadata.size());
}

void check_link(const CreatePaymentLink& link, const CompatSettings& compat) {
  const std::set<PaymentMethod> distinct(link.methods.begin(), link.methods.end());
  ENSURE(!link.methods.empty() && distinct.size() == link.methods.size());
  ENSURE(link.amount.minor_units() > 0 && link.amount.minor_units() <= amount_minor_max);
  if (const auto* basket = std::get_if<Basket>(&link.subject)) {
    check_items(link, basket->items, compat);
  } else {
    const auto& invoice = std::get<Invoice>(link.subject);
    fuzz::check_text(invoice.number, 1, 255);
    fuzz::check_text(invoice.debitor_name, 1, 255);
  }
  check_kept(link, compat);
  check_answer(link);
}

// Text that this program need not have written: no more is asked than that whatever is read back can be added up.
void check_stored_items(std::string_view text, const CompatSettings& compat) {
  const auto items = app::read_items(text, compat.vat_rate);
  if (!items) {
    ENSURE(items.error().code == ErrorCode::internal && items.error().reason == "damaged_items");
    return;
  }
  const auto table = vat_table_of(*items, compat.vat_rounding);
  if (!table) return;
  std::int64_t sum = 0;
  for (const VatRow& row : table->rows) {
    ENSURE(row.net.minor_units() + row.vat.minor_units() == row.gross.minor_units());
    sum += row.gross.minor_units();
  }
  ENSURE(sum == table->total.minor_units() && sum > 0);
}

}  // namespace
}  // namespace paylink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace paylink;
  const std::string_view body = fuzz::text_of(data, size);
  for (const auto& unit : app::vat_rate_unit_names.rows)
    for (const auto& rounding : app::vat_rounding_names.rows) {
      const CompatSettings compat{.vat_rate = unit.first, .vat_rounding = rounding.first};
      const auto link = api::decode_create_payment_link(body, compat);
      if (link)
        check_link(*link, compat);
      else
        fuzz::check_faults(link.error());
      check_stored_items(body, compat);
    }
  return 0;
}
