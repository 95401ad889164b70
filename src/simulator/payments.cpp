#include "simulator/payments.hpp"

#include <algorithm>
#include <array>

#include "base/ensure.hpp"

namespace paylink::simulator {
namespace {

constexpr std::array<std::string_view, 6> status_names{"open", "pending", "paid", "canceled", "expired", "failed"};

#define PAYMENT_COLUMNS                                                                                               \
  "number, id, tenant, checkout_token, status, amount_minor, currency, refunded_minor, description, method, locale, " \
  "redirect_url, cancel_url, webhook_url, metadata, created_at, expires_at, status_at, charged_back_minor, "          \
  "allowed_methods, card, card_holder, card_expiry, card_security, bank, failure_reason, failure_message, "           \
  "lines, billing_address, shipping_address, country"

constexpr std::string_view insert_payment = R"sql(
  INSERT INTO payments (id, tenant, checkout_token, status, amount_minor, currency, refunded_minor, description, method,
                        locale, redirect_url, cancel_url, webhook_url, metadata, created_at, expires_at,
                        allowed_methods, lines, billing_address, shipping_address, country)
  VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
)sql";

constexpr std::string_view select_payment = "SELECT " PAYMENT_COLUMNS " FROM payments WHERE id = $1 AND tenant = $2";

constexpr std::string_view select_by_token = "SELECT " PAYMENT_COLUMNS " FROM payments WHERE checkout_token = $1";

constexpr std::string_view select_payment_by_id = "SELECT " PAYMENT_COLUMNS " FROM payments WHERE id = $1";

constexpr std::string_view select_older_payments =
    "SELECT " PAYMENT_COLUMNS " FROM payments WHERE tenant = $1 AND number <= $2 ORDER BY number DESC LIMIT $3";

constexpr std::string_view select_newer_payments =
    "SELECT " PAYMENT_COLUMNS " FROM payments WHERE tenant = $1 AND number >= $2 ORDER BY number LIMIT $3";

constexpr std::string_view update_status = "UPDATE payments SET status = $2, status_at = $3 WHERE number = $1";

constexpr std::string_view update_words = R"sql(
  UPDATE payments
  SET description = $2, method = $3, allowed_methods = $4, locale = $5, redirect_url = $6, cancel_url = $7,
      webhook_url = $8, metadata = $9, card = $10, card_holder = $11, card_expiry = $12, card_security = $13,
      bank = $14, failure_reason = $15, failure_message = $16, billing_address = $17, shipping_address = $18,
      country = $19
  WHERE number = $1
)sql";

constexpr std::string_view update_refunded =
    "UPDATE payments SET refunded_minor = refunded_minor + $2 WHERE number = $1";

constexpr std::string_view update_charged_back =
    "UPDATE payments SET charged_back_minor = charged_back_minor + $2 WHERE number = $1";

constexpr std::string_view insert_notification =
    "INSERT INTO notifications (payment_id, url, tries, due_at) VALUES ($1, $2, 0, $3)";

constexpr std::string_view expire_open = R"sql(
  UPDATE payments SET status = 'expired', status_at = expires_at
  WHERE status = 'open' AND expires_at <= $1
  RETURNING id, webhook_url
)sql";

std::optional<std::string> read_optional(const sql::Rows::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string(row.text(column));
}

Payment read_payment(const sql::Rows::Row& row) {
  Payment payment;
  payment.number = row.integer(0);
  payment.id = row.text(1);
  payment.tenant = row.text(2);
  payment.checkout_token = row.text(3);
  const auto status = parse_payment_status(row.text(4));
  ENSURE(status.has_value());
  payment.status = *status;
  payment.amount = {row.integer(5), std::string(row.text(6))};
  payment.refunded_minor = row.integer(7);
  payment.description = row.text(8);
  payment.method = read_optional(row, 9);
  payment.locale = read_optional(row, 10);
  payment.redirect_url = row.text(11);
  payment.cancel_url = read_optional(row, 12);
  payment.webhook_url = read_optional(row, 13);
  payment.metadata = row.text(14);
  payment.created_at = row.time(15);
  payment.expires_at = row.time(16);
  if (!row.is_null(17)) payment.status_at = row.time(17);
  payment.charged_back_minor = row.integer(18);
  payment.allowed_methods = row.text(19);
  payment.details = {std::string(row.text(20)), std::string(row.text(21)), std::string(row.text(22)),
                     std::string(row.text(23)), std::string(row.text(24)), std::string(row.text(25)),
                     std::string(row.text(26))};
  payment.lines = row.text(27);
  payment.billing_address = row.text(28);
  payment.shipping_address = row.text(29);
  payment.country = read_optional(row, 30);
  return payment;
}

Result<Payment> read_only_payment(const sql::Rows& rows) {
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "No payment exists with this token.");
  return read_payment(rows.front());
}

}  // namespace

std::string_view name(PaymentStatus status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<PaymentStatus> parse_payment_status(std::string_view name) {
  const auto found = std::ranges::find(status_names, name);
  if (found == status_names.end()) return std::nullopt;
  return static_cast<PaymentStatus>(found - status_names.begin());
}

bool takes(const MethodRow& method, const Amount& amount) {
  if (method.euros_only && amount.currency != "EUR") return false;
  const std::string text = decimal(amount);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::int64_t whole = std::stoll(text.substr(0, point));
  const bool more = text.find_first_not_of(".0", point) != std::string::npos;
  return whole < method.largest || (whole == method.largest && !more);
}

bool offers(const NewPayment& payment, const MethodRow& method) {
  const std::string all = "," + payment.allowed_methods + ",";
  const bool allowed =
      payment.allowed_methods.empty() || all.find("," + std::string(method.id) + ",") != std::string::npos;
  return allowed && takes(method, payment.amount);
}

const MethodRow* find_method(std::string_view id) {
  const auto found = std::ranges::find(all_methods, id, &MethodRow::id);
  return found == std::end(all_methods) ? nullptr : found;
}

std::string random_id(std::string_view prefix, std::size_t length, Random& random) {
  constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  std::string id(prefix);
  while (id.size() < prefix.size() + length) {
    for (const std::byte byte : random.bytes<32>()) {
      const auto index = std::to_integer<std::size_t>(byte) & 63;
      if (index < alphabet.size() && id.size() < prefix.size() + length) id += alphabet[index];
    }
  }
  return id;
}

Result<Payment> Payments::insert(std::string_view tenant, const NewPayment& wanted) {
  const std::string id = random_id("tr_", 10, tx_.random());
  const MethodRow* method = find_method(wanted.method.value_or("ideal"));
  ENSURE(method != nullptr);
  TRY(tx_.defer(insert_payment, {id,
                                 tenant,
                                 random_id("", 22, tx_.random()),
                                 name(PaymentStatus::open),
                                 wanted.amount.minor,
                                 wanted.amount.currency,
                                 wanted.description,
                                 wanted.method,
                                 wanted.locale,
                                 wanted.redirect_url,
                                 wanted.cancel_url,
                                 wanted.webhook_url,
                                 wanted.metadata,
                                 tx_.now(),
                                 tx_.now() + method->lifetime,
                                 wanted.allowed_methods,
                                 wanted.lines,
                                 wanted.billing_address,
                                 wanted.shipping_address,
                                 wanted.country}));
  return find(tenant, id);
}

Result<Payment> Payments::find(std::string_view tenant, std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_payment, {id, tenant}));
  return read_only_payment(rows);
}

Result<Payment> Payments::find_by_token(std::string_view checkout_token) {
  const sql::Rows rows = TRY(tx_.query(select_by_token, {checkout_token}));
  return read_only_payment(rows);
}

Result<Payment> Payments::find_by_id(std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_payment_by_id, {id}));
  return read_only_payment(rows);
}

Result<std::vector<Payment>> Payments::list(std::string_view tenant, std::int64_t from, Direction direction,
                                            int limit) {
  const std::string_view statement = direction == Direction::older ? select_older_payments : select_newer_payments;
  const sql::Rows rows = TRY(tx_.query(statement, {tenant, from, limit}));
  std::vector<Payment> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(read_payment(rows[i]));
  return result;
}

Result<Payment> Payments::move(Payment payment, PaymentStatus to) {
  payment.status = to;
  if (payment.is_final()) payment.status_at = tx_.now();
  TRY(tx_.defer(update_status, {payment.number, name(to), payment.status_at}));
  TRY(update(payment));
  if (payment.is_final()) TRY(notify(payment));
  return payment;
}

Result<> Payments::update(const Payment& payment) {
  const Details& details = payment.details;
  return tx_.defer(update_words, {payment.number, payment.description, payment.method, payment.allowed_methods,
                                  payment.locale, payment.redirect_url, payment.cancel_url, payment.webhook_url,
                                  payment.metadata, details.card, details.card_holder, details.card_expiry,
                                  details.card_security, details.bank, details.failure_reason, details.failure_message,
                                  payment.billing_address, payment.shipping_address, payment.country});
}

Result<> Payments::add_refunded(const Payment& payment, std::int64_t minor) {
  return tx_.defer(update_refunded, {payment.number, minor});
}

Result<> Payments::add_charged_back(const Payment& payment, std::int64_t minor) {
  return tx_.defer(update_charged_back, {payment.number, minor});
}

Result<> Payments::notify(const Payment& payment) {
  if (!payment.webhook_url) return {};
  return tx_.defer(insert_notification, {payment.id, *payment.webhook_url, tx_.now()});
}

Result<> Payments::expire() {
  const sql::Rows rows = TRY(tx_.query(expire_open, {tx_.now()}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!rows[i].is_null(1)) TRY(tx_.defer(insert_notification, {rows[i].text(0), rows[i].text(1), tx_.now()}));
  return {};
}

}  // namespace paylink::simulator
