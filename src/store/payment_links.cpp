#include "store/payment_links.hpp"

#include "base/ensure.hpp"
#include "store/link_counts.hpp"
#include "store/payment_link_row.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_link = R"sql(
  INSERT INTO payment_links (organization_id, id, resource_id, status, amount_minor, currency, methods, reusable,
                             items, invoice_id, invoice_number, debitor_name, expiration_date, expires_effective_at,
                             created_at, updated_at, metadata)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
)sql";

constexpr std::string_view select_link =
    "SELECT " PAYMENT_LINK_COLUMNS("") " FROM payment_links WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_by_resource =
    "SELECT " PAYMENT_LINK_COLUMNS("") " FROM payment_links WHERE organization_id = $1 AND resource_id = $2";

constexpr std::string_view update_link_status = R"sql(
  UPDATE payment_links SET status = $3, expires_effective_at = $4, canceled_at = $5, updated_at = $6
  WHERE organization_id = $1 AND id = $2
)sql";

constexpr std::string_view select_to_expire = "SELECT " PAYMENT_LINK_COLUMNS("")
                                              " FROM payment_links WHERE status = 'open' AND expires_effective_at <= $1"
                                              " ORDER BY expires_effective_at LIMIT $2";

std::string methods_text(const PaymentMethods& methods) {
  std::string text;
  for (const PaymentMethod method : methods) {
    if (!text.empty()) text += ' ';
    text += payment_method_names.name(method);
  }
  return text;
}

Result<PaymentLink> only_link(const sql::Rows& rows) {
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such payment link.");
  return read_payment_link(rows.front());
}

}  // namespace

Result<> PaymentLinks::insert(const PaymentLink& link) {
  const auto* basket = std::get_if<Basket>(&link.subject);
  const auto* invoice = std::get_if<Invoice>(&link.subject);
  const std::string methods = methods_text(link.methods);
  TRY(LinkCounts(tx_).add(link, link.status, link.expires_effective_at, 1));
  return tx_.defer(insert_link, {link.organization, link.id, link.resource_id, link_status_names.name(link.status),
                                 link.amount.minor_units(), link.amount.currency().code(), methods,
                                 sql::as_flag(link.reusable == Reusable::yes),
                                 basket ? sql::Value(basket->items) : sql::Value(sql::Null{}),
                                 invoice ? sql::Value(invoice->id) : sql::Value(sql::Null{}),
                                 invoice ? sql::Value(invoice->number) : sql::Value(sql::Null{}),
                                 invoice ? sql::Value(invoice->debitor_name) : sql::Value(sql::Null{}),
                                 link.expiration_date, link.expires_effective_at, link.created_at, link.updated_at,
                                 link.metadata.empty() ? sql::Value(sql::Null{}) : sql::Value(link.metadata)});
}

Result<PaymentLink> PaymentLinks::find(OrganizationId organization, PaymentLinkId id) {
  const sql::Rows rows = TRY(tx_.query(select_link, {organization, id}));
  return only_link(rows);
}

Result<PaymentLink> PaymentLinks::find_by_resource(OrganizationId organization, Uuid resource_id) {
  const sql::Rows rows = TRY(tx_.query(select_by_resource, {organization, resource_id}));
  return only_link(rows);
}

Result<PaymentLink> PaymentLinks::find_for_update(OrganizationId organization, PaymentLinkId id) {
  const sql::Rows rows = TRY(tx_.lock(select_link, {organization, id}));
  return only_link(rows);
}

Result<PaymentLink> PaymentLinks::find_by_resource_for_update(OrganizationId organization, Uuid resource_id) {
  const sql::Rows rows = TRY(tx_.lock(select_by_resource, {organization, resource_id}));
  return only_link(rows);
}

// When open links expire is counted too (`LinkMarks`, by expiry), so one that stays open and expires at another time
// leaves its place and takes another one.
Result<> PaymentLinks::update_status(const PaymentLink& link, const Stored& before) {
  const bool moves = link.status == LinkStatus::open && link.expires_effective_at != before.expires_effective_at;
  if (link.status != before.status || moves) {
    TRY(LinkCounts(tx_).add(link, before.status, before.expires_effective_at, -1));
    TRY(LinkCounts(tx_).add(link, link.status, link.expires_effective_at, 1));
  }
  return tx_.defer(update_link_status, {link.organization, link.id, link_status_names.name(link.status),
                                        link.expires_effective_at, link.canceled_at, link.updated_at});
}

Result<std::vector<PaymentLink>> PaymentLinks::expire_due(int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_to_expire, {tx_.now(), limit}));
  std::vector<PaymentLink> links;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    links.push_back(read_payment_link(rows[i]));
    const Stored before = stored(links.back());
    links.back().status = LinkStatus::expired;
    links.back().updated_at = tx_.now();
    TRY(update_status(links.back(), before));
  }
  return links;
}

}  // namespace paylink::store
