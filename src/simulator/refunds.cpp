#include "simulator/refunds.hpp"

#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

constexpr auto pending_after = std::chrono::seconds(1);
constexpr auto processing_after = std::chrono::seconds(2);
constexpr auto refunded_after = std::chrono::seconds(3);
constexpr auto duplicate_within = std::chrono::seconds(5);

constexpr std::string_view insert_refund = R"sql(
  INSERT INTO refunds (id, payment_number, status, amount_minor, description, metadata, created_at)
  VALUES ($1, $2, 'queued', $3, $4, $5, $6)
)sql";

#define SELECT_REFUND                                                                                         \
  "SELECT refunds.number, refunds.id, payments.id, refunds.status, refunds.amount_minor, payments.currency, " \
  "refunds.description, refunds.metadata, refunds.created_at, payments.tenant "                               \
  "FROM refunds JOIN payments ON payments.number = refunds.payment_number "

constexpr std::string_view select_refund = SELECT_REFUND "WHERE refunds.payment_number = $1 AND refunds.id = $2";

constexpr std::string_view select_refunds =
    SELECT_REFUND "WHERE refunds.payment_number = $1 ORDER BY refunds.number DESC";

constexpr std::string_view select_refund_of_tenant = SELECT_REFUND "WHERE payments.tenant = $1 AND refunds.id = $2";

constexpr std::string_view select_older_refunds =
    SELECT_REFUND "WHERE payments.tenant = $1 AND refunds.number <= $2 ORDER BY refunds.number DESC LIMIT $3";

constexpr std::string_view select_newer_refunds =
    SELECT_REFUND "WHERE payments.tenant = $1 AND refunds.number >= $2 ORDER BY refunds.number LIMIT $3";

constexpr std::string_view update_canceled = R"sql(
  UPDATE refunds SET status = 'canceled' WHERE payment_number = $1 AND id = $2 AND status IN ('queued', 'pending')
  RETURNING amount_minor
)sql";

constexpr std::string_view select_duplicate =
    "SELECT 1 FROM refunds WHERE payment_number = $1 AND amount_minor = $2 AND created_at > $3 AND status <> "
    "'canceled' "
    "LIMIT 1";

constexpr std::string_view start_refunds =
    "UPDATE refunds SET status = 'pending' WHERE status = 'queued' AND created_at <= $1";

constexpr std::string_view process_refunds = R"sql(
  UPDATE refunds SET status = 'processing' WHERE status = 'pending' AND created_at <= $1 RETURNING payment_number
)sql";

constexpr std::string_view finish_refunds = R"sql(
  UPDATE refunds SET status = 'refunded' WHERE status = 'processing' AND created_at <= $1 RETURNING payment_number
)sql";

constexpr std::string_view select_payment_of_refund = "SELECT id, webhook_url FROM payments WHERE number = $1";

Refund read_refund(const sql::Rows::Row& row) {
  Refund refund;
  refund.number = row.integer(0);
  refund.id = row.text(1);
  refund.payment_id = row.text(2);
  refund.status = row.text(3);
  refund.amount = {row.integer(4), std::string(row.text(5))};
  refund.description = row.text(6);
  refund.metadata = row.text(7);
  refund.created_at = row.time(8);
  refund.tenant = row.text(9);
  return refund;
}

Result<Refund> read_only_refund(const sql::Rows& rows) {
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "No refund exists with this token.");
  return read_refund(rows.front());
}

std::vector<Refund> read_refunds(const sql::Rows& rows) {
  std::vector<Refund> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(read_refund(rows[i]));
  return result;
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
  return read_only_refund(rows);
}

Result<std::vector<Refund>> Refunds::list(const Payment& payment) {
  const sql::Rows rows = TRY(tx_.query(select_refunds, {payment.number}));
  return read_refunds(rows);
}

Result<> Refunds::cancel(const Payment& payment, std::string_view id) {
  const sql::Rows canceled = TRY(tx_.query(update_canceled, {payment.number, id}));
  if (canceled.empty())
    return fail(ErrorCode::not_found, "not_found", "No refund exists with this token that can be canceled.");
  return Payments(tx_).add_refunded(payment, -canceled.front().integer(0));
}

Result<Refund> Refunds::find(std::string_view tenant, std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_refund_of_tenant, {tenant, id}));
  return read_only_refund(rows);
}

Result<std::vector<Refund>> Refunds::list(std::string_view tenant, std::int64_t from, Direction direction, int limit) {
  const sql::Rows rows = TRY(
      tx_.query(direction == Direction::older ? select_older_refunds : select_newer_refunds, {tenant, from, limit}));
  return read_refunds(rows);
}

Result<> Refunds::settle() {
  TRY(tx_.defer(start_refunds, {tx_.now() - pending_after}));
  for (const auto& [statement, after] :
       {std::pair(process_refunds, processing_after), std::pair(finish_refunds, refunded_after)}) {
    const sql::Rows moved = TRY(tx_.query(statement, {tx_.now() - after}));
    for (std::size_t i = 0; i < moved.size(); ++i) TRY(notify_of(moved[i].integer(0)));
  }
  return {};
}

Result<> Refunds::notify_of(std::int64_t payment_number) {
  const auto rows = TRY(tx_.query(select_payment_of_refund, {payment_number}));
  Payment payment;
  payment.id = rows.front().text(0);
  if (!rows.front().is_null(1)) payment.webhook_url = rows.front().text(1);
  return Payments(tx_).notify(payment);
}

}  // namespace paylink::simulator
