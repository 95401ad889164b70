#include "api/payment_links_json.hpp"

#include <algorithm>
#include <numeric>

#include "api/items_json.hpp"
#include "api/list_query.hpp"
#include "base/ensure.hpp"
#include "json/document.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace paylink::api {
namespace {

constexpr json::Range invoice_number_length{.min = 1, .max = 255};
constexpr json::Range debitor_name_length{.min = 1, .max = 255};

PaymentMethods decode_methods(const json::Reader& field) {
  PaymentMethods methods;
  methods.reserve(payment_method_names.rows.size());
  field.as_array({.min = 1, .max = payment_method_names.rows.size()}).each([&](const json::Reader& element) {
    const auto method = element.one_of(payment_method_names);
    if (!method) return;
    if (std::ranges::find(methods, *method) != methods.end())
      element.fault("invalid", "must not be listed twice");
    else
      methods.push_back(*method);
  });
  return methods;
}

// What both kinds of links have in common once they are read.
struct Draft {
  PaymentMethods methods;
  Reusable reusable = Reusable::no;
  std::optional<Money> amount;
  std::variant<Basket, Invoice> subject;
};

Draft decode_basket(const json::Reader& link, const app::CompatSettings& compat) {
  Draft draft;
  draft.methods = decode_methods(link.required("potential_payment_methods"));
  if (link.optional("reusable").boolean().value_or(false)) draft.reusable = Reusable::yes;
  auto items = decode_items(link.required("items"), compat);
  if (!items) return draft;
  draft.amount = items->total;
  draft.subject = Basket{std::move(items->json)};
  return draft;
}

Draft decode_invoice(const json::Reader& link) {
  Draft draft;
  Invoice invoice;
  if (const auto id = link.required("invoice_id").uuid()) invoice.id = InvoiceId(*id);
  if (const auto number = link.required("invoice_number").text(invoice_number_length)) invoice.number = *number;
  if (const auto name = link.required("debitor_name").text(debitor_name_length)) invoice.debitor_name = *name;
  const json::Reader amount = link.required("amount").as_object();
  if (const auto decoded = decode_amount(amount)) {
    const auto money = Money::of_minor(decoded->amount.minor_units(), decoded->amount.currency());
    if (money && money->minor_units() > 0)
      draft.amount = *money;
    else
      amount.required("value").fault("out_of_range", "must be more than zero");
  }
  draft.methods = decode_methods(link.required("potential_payment_methods"));
  draft.subject = std::move(invoice);
  return draft;
}

Draft decode_link(const json::Reader& link, const app::CompatSettings& compat) {
  if (!link.present()) return {};
  const bool basket = link.has("items"), invoice = link.has("invoice_id");
  if (basket != invoice) return basket ? decode_basket(link, compat) : decode_invoice(link);
  if (basket)
    link.fault("invalid", "must have either items (of a basket) or invoice_id (of an invoice), not both");
  else
    link.fault("missing_field", "must have items (of a basket) or invoice_id (of an invoice)");
  decode_methods(link.required("potential_payment_methods"));
  return {};
}

std::optional<Time> decode_expiration_date(const json::Reader& field) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  const auto date = parse_rfc3339(*text);
  if (!date) field.fault("invalid_format", "must be a date and time such as 2027-03-31T22:00:00Z");
  return date;
}

struct DecodedMetadata {
  Metadata pairs;
  std::string json;  // empty: none
};

DecodedMetadata decode_metadata(const json::Reader& field) {
  const json::Reader object = field.as_object();
  DecodedMetadata metadata;
  if (!object.present() || object.value().size() == 0) return metadata;
  if (object.value().size() > metadata_pairs_max) {
    object.fault("out_of_range", "must have at most " + std::to_string(metadata_pairs_max) + " keys");
    return metadata;
  }
  json::Writer json(metadata.json);
  json.begin_object();
  object.each([&](const json::Reader& member) {
    const std::string_view name = member.value().key();
    if (!is_metadata_name(name))
      return member.fault("invalid_format", "must have a key of 1 to 40 letters, digits, _, . and -");
    const auto value = member.text({.min = 0, .max = metadata_value_max});
    if (!value) return;
    metadata.pairs.push_back({std::string(name), std::string(*value)});
    json.key(name).text(*value);
  });
  json.end_object();
  return metadata;
}

// iDEAL pays euros only: the page hides it for another currency, so it must not be the only way.
void check_methods_for_currency(const json::Reader& link, const Draft& draft) {
  if (!draft.amount || draft.amount->currency().code() == "EUR") return;
  if (draft.methods != PaymentMethods{PaymentMethod::ideal}) return;
  link.required("potential_payment_methods").fault("invalid", "must have another method: ideal pays in EUR only");
}

void write_link(json::Writer& json, const PaymentLink& link, const LinkContext& context) {
  std::string url;
  url.reserve(context.public_url.size() + 96);
  url.append(context.public_url).append("/").append(link.organization.text());
  url.append("?resource_id=").append(link.resource_id.text());

  json.begin_object().text("id", link.id.text());
  json.text("status", link_status_names.name(link.status_at(context.now)));
  json.text("expiration_date", to_rfc3339(link.expiration_date)).text("created_at", to_rfc3339(link.created_at));
  json.key("potential_payment_methods").begin_array();
  for (const PaymentMethod method : link.methods) json.text(payment_method_names.name(method));
  json.end_array().key("amount").begin_object();
  json.text("value", link.amount.decimal()).text("currency", link.amount.currency().code()).end_object();
  const auto* basket = std::get_if<Basket>(&link.subject);
  json.text("resource_type", basket ? "Basket" : "Invoice");
  json.boolean("reusable", link.reusable == Reusable::yes).text("url", url);
  if (basket) {
    json.raw("items", basket->items).null("invoice_id").null("invoice_number").null("debitor_name");
  } else {
    const auto& invoice = std::get<Invoice>(link.subject);
    json.null("items").text("invoice_id", invoice.id.text());
    json.text("invoice_number", invoice.number).text("debitor_name", invoice.debitor_name);
  }
  if (!link.metadata.empty()) json.raw("metadata", link.metadata);
  json.end_object();
}

// About how long a link's JSON is.
std::size_t length_of(const PaymentLink& link) {
  const auto* basket = std::get_if<Basket>(&link.subject);
  return 640 + (basket ? basket->items.size() : 512) + link.metadata.size();
}

}  // namespace

Result<app::CreatePaymentLink> decode_create_payment_link(std::string_view body, const app::CompatSettings& compat) {
  const auto document = TRY(json::Document::parse(body));
  json::Faults faults;
  const json::Reader link = json::Reader(faults, document.root()).as_object().required("payment_link").as_object();
  Draft draft = decode_link(link, compat);
  check_methods_for_currency(link, draft);
  const auto expiration_date = decode_expiration_date(link.optional("expiration_date"));
  DecodedMetadata metadata = decode_metadata(link.optional("metadata"));
  TRY(faults.result());
  ENSURE(draft.amount);
  return app::CreatePaymentLink{.methods = std::move(draft.methods),
                                .reusable = draft.reusable,
                                .amount = *draft.amount,
                                .subject = std::move(draft.subject),
                                .expiration_date = expiration_date,
                                .metadata = std::move(metadata.pairs),
                                .metadata_json = std::move(metadata.json)};
}

void append_payment_link(std::string& out, const PaymentLink& link, const LinkContext& context) {
  json::Writer json(out);
  write_link(json, link, context);
}

std::string created_payment_link_json(const PaymentLink& link, const LinkContext& context) {
  std::string out;
  out.reserve(length_of(link));
  json::Writer json(out);
  json.begin_object().key("payment_link");
  write_link(json, link, context);
  json.end_object();
  return out;
}

std::string payment_links_json(const app::ListedLinks& listed, const LinkContext& context) {
  const Listed<PaymentLink>& links = listed.links;
  std::string out;
  const auto longer = [](std::size_t length, const PaymentLink& link) { return length + length_of(link); };
  out.reserve(std::accumulate(links.entries.begin(), links.entries.end(), std::size_t{256}, longer));
  json::Writer json(out);
  json.begin_object().key("payment_links").begin_array();
  for (const PaymentLink& link : links.entries) write_link(json, link, context);
  json.end_array();
  if (listed.is_walk)
    write_cursor_meta(json, listed.next_cursor, links.page.size);
  else
    write_meta(json, links.page, links.total, links.has_more);
  json.end_object();
  return out;
}

std::string single_payment_link_json(const PaymentLink& link, const LinkContext& context, app::SingleLink shape) {
  if (shape == app::SingleLink::wrapped) return created_payment_link_json(link, context);
  std::string out;
  out.reserve(2 * length_of(link));
  append_payment_link(out, link, context);
  if (shape == app::SingleLink::bare) return out;
  // The same fields once more, under `payment_link`.
  const std::string copy = out;
  out.back() = ',';
  out.append("\"payment_link\":").append(copy).append("}");
  return out;
}

}  // namespace paylink::api
