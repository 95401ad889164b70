#include "simulator/chargebacks.hpp"

#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view insert_chargeback =
    "INSERT INTO chargebacks (id, payment_number, amount_minor, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view reverse_chargeback = "UPDATE chargebacks SET reversed_at = $2 WHERE id = $1";

#define SELECT_CHARGEBACK                                                                                 \
  "SELECT chargebacks.number, chargebacks.id, payments.id, chargebacks.amount_minor, payments.currency, " \
  "chargebacks.created_at, chargebacks.reversed_at "                                                      \
  "FROM chargebacks JOIN payments ON payments.number = chargebacks.payment_number "

constexpr std::string_view select_chargebacks =
    SELECT_CHARGEBACK "WHERE chargebacks.payment_number = $1 ORDER BY chargebacks.number DESC";

constexpr std::string_view select_chargeback_of_tenant =
    SELECT_CHARGEBACK "WHERE payments.tenant = $1 AND chargebacks.id = $2";

constexpr std::string_view select_older_chargebacks = SELECT_CHARGEBACK
    "WHERE payments.tenant = $1 AND chargebacks.number <= $2 ORDER BY chargebacks.number DESC LIMIT $3";

constexpr std::string_view select_newer_chargebacks =
    SELECT_CHARGEBACK "WHERE payments.tenant = $1 AND chargebacks.number >= $2 ORDER BY chargebacks.number LIMIT $3";

Failure unknown_chargeback() {
  return fail(ErrorCode::not_found, "not_found", "No chargeback exists with this token.");
}

Chargeback read_chargeback(const sql::Rows::Row& row) {
  Chargeback chargeback;
  chargeback.number = row.integer(0);
  chargeback.id = row.text(1);
  chargeback.payment_id = row.text(2);
  chargeback.amount = {row.integer(3), std::string(row.text(4))};
  chargeback.created_at = row.time(5);
  if (!row.is_null(6)) chargeback.reversed_at = row.time(6);
  return chargeback;
}

std::vector<Chargeback> read_chargebacks(const sql::Rows& rows) {
  std::vector<Chargeback> chargebacks;
  for (std::size_t i = 0; i < rows.size(); ++i) chargebacks.push_back(read_chargeback(rows[i]));
  return chargebacks;
}

}  // namespace

Result<> Chargebacks::insert(const Payment& payment) {
  if (payment.status != PaymentStatus::paid || payment.remaining_minor() <= 0)
    return unprocessable("", "Nothing of the payment can be charged back");
  const std::string id = random_id("chb_", 10, tx_.random());
  TRY(tx_.defer(insert_chargeback, {id, payment.number, payment.remaining_minor(), tx_.now()}));
  TRY(Payments(tx_).add_charged_back(payment, payment.remaining_minor()));
  return Payments(tx_).notify(payment);
}

Result<> Chargebacks::reverse(const Payment& payment) {
  const auto chargebacks = TRY(list(payment));
  if (chargebacks.empty() || chargebacks.front().reversed_at)
    return unprocessable("", "The payment has no chargeback that can be reversed");
  TRY(tx_.defer(reverse_chargeback, {chargebacks.front().id, tx_.now()}));
  TRY(Payments(tx_).add_charged_back(payment, -chargebacks.front().amount.minor));
  return Payments(tx_).notify(payment);
}

Result<Chargeback> Chargebacks::find(const Payment& payment, std::string_view id) {
  const auto chargebacks = TRY(list(payment));
  for (const Chargeback& chargeback : chargebacks)
    if (chargeback.id == id) return chargeback;
  return unknown_chargeback();
}

Result<std::vector<Chargeback>> Chargebacks::list(const Payment& payment) {
  const sql::Rows rows = TRY(tx_.query(select_chargebacks, {payment.number}));
  return read_chargebacks(rows);
}

Result<Chargeback> Chargebacks::find(std::string_view tenant, std::string_view id) {
  const sql::Rows rows = TRY(tx_.query(select_chargeback_of_tenant, {tenant, id}));
  if (rows.empty()) return unknown_chargeback();
  return read_chargeback(rows.front());
}

Result<std::vector<Chargeback>> Chargebacks::list(std::string_view tenant, std::int64_t from, Direction direction,
                                                  int limit) {
  const sql::Rows rows = TRY(tx_.query(
      direction == Direction::older ? select_older_chargebacks : select_newer_chargebacks, {tenant, from, limit}));
  return read_chargebacks(rows);
}

}  // namespace paylink::simulator
