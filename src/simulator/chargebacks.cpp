#include "simulator/chargebacks.hpp"

#include "simulator/refusal.hpp"

namespace paylink::simulator {
namespace {

constexpr std::string_view insert_chargeback =
    "INSERT INTO chargebacks (id, payment_number, amount_minor, created_at) VALUES ($1, $2, $3, $4)";

constexpr std::string_view reverse_chargeback = "UPDATE chargebacks SET reversed_at = $2 WHERE id = $1";

constexpr std::string_view select_chargebacks = R"sql(
  SELECT id, amount_minor, created_at, reversed_at FROM chargebacks WHERE payment_number = $1 ORDER BY number DESC
)sql";

Chargeback read_chargeback(const Payment& payment, const sql::Rows::Row& row) {
  Chargeback chargeback{std::string(row.text(0)), {row.integer(1), payment.amount.currency}, row.time(2), {}};
  if (!row.is_null(3)) chargeback.reversed_at = row.time(3);
  return chargeback;
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
  return fail(ErrorCode::not_found, "not_found", "No chargeback exists with this token.");
}

Result<std::vector<Chargeback>> Chargebacks::list(const Payment& payment) {
  const sql::Rows rows = TRY(tx_.query(select_chargebacks, {payment.number}));
  std::vector<Chargeback> chargebacks;
  for (std::size_t i = 0; i < rows.size(); ++i) chargebacks.push_back(read_chargeback(payment, rows[i]));
  return chargebacks;
}

}  // namespace paylink::simulator
