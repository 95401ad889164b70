#include "simulator/refunds.hpp"

#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

constexpr auto pending_after = std::chrono::seconds(1);
constexpr auto refunded_after = std::chrono::seconds(3);
constexpr auto duplicate_within = std::chrono::seconds(5);

constexpr std::string_view insert_refund = R"sql(
  INSERT INTO refunds (id, payment_number, status, amount_minor, description, metadata, created_at)
  VALUES ($1, $2, 'queued', $3, $4, $5, $6)
)sql";

constexpr std::string_view select_refund = R"sql(
  SELECT id, status, amount_minor, description, metadata, created_at
  FROM refunds WHERE payment_number = $1 AND id = $2
)sql";

constexpr std::string_view select_refunds = R"sql(
  SELECT id, status, amount_minor, description, metadata, created_at
  FROM refunds WHERE payment_number = $1 ORDER BY number DESC
)sql";

constexpr std::string_view select_duplicate =
    "SELECT 1 FROM refunds WHERE payment_number = $1 AND amount_minor = $2 AND created_at > $3 LIMIT 1";

constexpr std::string_view start_refunds =
    "UPDATE refunds SET status = 'pending' WHERE status = 'queued' AND created_at <= $1";

constexpr std::string_view finish_refunds = R"sql(
  UPDATE refunds SET status = 'refunded' WHERE status = 'pending' AND created_at <= $1 RETURNING payment_number
)sql";

constexpr std::string_view select_payment_of_refund = "SELECT id, webhook_url FROM payments WHERE number = $1";

Refund read_refund(const Payment& payment, const sql::Rows::Row& row) {
  Refund refund;
  refund.id = row.text(0);
  refund.status = row.text(1);
  refund.amount = {row.integer(2), payment.amount.currency};
  refund.description = row.text(3);
  refund.metadata = row.text(4);
  refund.created_at = row.time(5);
  return refund;
}

}  // namespace

Result<Refund> Refunds::insert(const Payment& payment, const NewRefund& wanted) {
  const auto same =
      TRY(tx_.query(select_duplicate, {payment.number, wanted.amount.minor, tx_.now() - duplicate_within}));
  if (!same.empty()) return fail(ErrorCode::conflict, "conflict", "A duplicate refund has been detected");
  if (payment.status != PaymentStatus::paid) return unprocessable("", "The payment is not paid and cannot be refunded");
  if (wanted.amount.minor > payment.remaining_minor())
    return unprocessable("amount", "The amount is higher than the maximum");
  const std::string id = random_id("re_", 10, tx_.random());
  TRY(tx_.defer(insert_refund,
                {id, payment.number, wanted.amount.minor, wanted.description, wanted.metadata, tx_.now()}));
  TRY(Payments(tx_).add_refunded(payment, wanted.amount.minor));
  return find(payment, id);
}

Result<Refund> Refunds::find(const Payment& payment, std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_refund, {payment.number, id}));
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "No refund exists with this token.");
  return read_refund(payment, rows.front());
}

Result<std::vector<Refund>> Refunds::list(const Payment& payment) {
  const sql::Rows rows = TRY(tx_.query(select_refunds, {payment.number}));
  std::vector<Refund> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(read_refund(payment, rows[i]));
  return result;
}

Result<> Refunds::settle() {
  TRY(tx_.defer(start_refunds, {tx_.now() - pending_after}));
  const sql::Rows finished = TRY(tx_.query(finish_refunds, {tx_.now() - refunded_after}));
  for (std::size_t i = 0; i < finished.size(); ++i) {
    const auto rows = TRY(tx_.query(select_payment_of_refund, {finished[i].integer(0)}));
    Payment payment;
    payment.id = rows.front().text(0);
    if (!rows.front().is_null(1)) payment.webhook_url = rows.front().text(1);
    TRY(Payments(tx_).notify(payment));
  }
  return {};
}

}  // namespace paylink::simulator
