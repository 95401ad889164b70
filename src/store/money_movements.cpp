#include "store/money_movements.hpp"

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_kept =
    "SELECT 1 FROM captures WHERE organization_id = $1 AND payment_link_id = $2 AND exclusive = 1 AND kept = 1";

constexpr std::string_view select_capture = "SELECT 1 FROM captures WHERE organization_id = $1 AND attempt_id = $2";

constexpr std::string_view insert_capture_row = R"sql(
  INSERT INTO captures (organization_id, id, payment_link_id, attempt_id, exclusive, kept, amount_minor, currency,
                        captured_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)sql";

constexpr std::string_view select_totals =
    "SELECT amount_minor, currency, refunds_minor, kept FROM captures WHERE organization_id = $1 AND attempt_id = $2";

constexpr std::string_view take_refund = R"sql(
  UPDATE captures SET refunds_minor = refunds_minor + $3
  WHERE organization_id = $1 AND attempt_id = $2 AND refunds_minor + $3 <= amount_minor AND currency = $4
  RETURNING 1
)sql";

constexpr std::string_view give_refund_back =
    "UPDATE captures SET refunds_minor = refunds_minor - $3 WHERE organization_id = $1 AND attempt_id = $2";

constexpr std::string_view insert_refund_row = R"sql(
  INSERT INTO refunds (organization_id, id, attempt_id, reason, state, amount_minor, currency, provider_refund_id,
                       created_at, tries, due_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
)sql";

#define REFUND_COLUMNS                                                                                              \
  "organization_id, id, attempt_id, reason, state, amount_minor, currency, provider_refund_id, created_at, tries, " \
  "refusals"

constexpr std::string_view select_refund =
    "SELECT " REFUND_COLUMNS " FROM refunds WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_refund_by_provider_id =
    "SELECT " REFUND_COLUMNS " FROM refunds WHERE organization_id = $1 AND attempt_id = $2 AND provider_refund_id = $3";

constexpr std::string_view select_unsent =
    "SELECT " REFUND_COLUMNS
    " FROM refunds WHERE organization_id = $1 AND attempt_id = $2 AND state = 'requested' AND tries = refusals"
    " AND amount_minor >= $3";

constexpr std::string_view count_of_attempt =
    "SELECT COUNT(*) FROM refunds WHERE organization_id = $1 AND attempt_id = $2";

constexpr std::string_view select_of_attempt =
    "SELECT " REFUND_COLUMNS
    " FROM refunds WHERE organization_id = $1 AND attempt_id = $2 ORDER BY id DESC LIMIT $3 OFFSET $4";

constexpr std::string_view sum_refunded =
    "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM refunds"
    " WHERE organization_id = $1 AND attempt_id = $2 AND state = 'refunded'";

constexpr std::string_view update_refund_row = R"sql(
  UPDATE refunds SET state = $3, provider_refund_id = $4, tries = $5, due_at = $6, refusals = $7
  WHERE organization_id = $1 AND id = $2
)sql";

constexpr std::string_view select_due_refunds =
    "SELECT " REFUND_COLUMNS " FROM refunds WHERE due_at <= $1 ORDER BY due_at LIMIT $2";

constexpr std::string_view select_far_refunds = "SELECT organization_id, id FROM refunds WHERE due_at > $1 LIMIT $2";

constexpr std::string_view update_refund_due = "UPDATE refunds SET due_at = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view lease_refund =
    "UPDATE refunds SET due_at = $3, tries = tries + 1 WHERE organization_id = $1 AND id = $2";

#define CHARGEBACK_COLUMNS \
  "organization_id, id, attempt_id, provider_chargeback_id, amount_minor, currency, charged_back_at, reversed_at"

constexpr std::string_view select_chargeback =
    "SELECT " CHARGEBACK_COLUMNS
    " FROM chargebacks WHERE organization_id = $1 AND attempt_id = $2 AND provider_chargeback_id = $3";

constexpr std::string_view select_by_provider_id =
    "SELECT " CHARGEBACK_COLUMNS " FROM chargebacks WHERE organization_id = $1 AND provider_chargeback_id = $2";

constexpr std::string_view insert_chargeback_row = R"sql(
  INSERT INTO chargebacks (organization_id, id, attempt_id, provider_chargeback_id, amount_minor, currency,
                           charged_back_at, reversed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)sql";

constexpr std::string_view reverse_chargeback_row =
    "UPDATE chargebacks SET reversed_at = $3 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view count_chargebacks =
    "SELECT COUNT(*) FROM chargebacks WHERE organization_id = $1 AND attempt_id = $2";

constexpr std::string_view select_chargebacks =
    "SELECT " CHARGEBACK_COLUMNS
    " FROM chargebacks WHERE organization_id = $1 AND attempt_id = $2 ORDER BY id DESC LIMIT $3 OFFSET $4";

constexpr std::string_view sum_charged_back =
    "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM chargebacks"
    " WHERE organization_id = $1 AND attempt_id = $2 AND reversed_at IS NULL";

constexpr std::string_view insert_entry = R"sql(
  INSERT INTO ledger_entries (organization_id, movement_id, side, account, kind, attempt_id, amount_minor, currency,
                              created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
)sql";

Refund read_refund(const sql::Rows::Row& row) {
  const auto reason = refund_reason_names.parse(row.text(3));
  const auto state = refund_state_names.parse(row.text(4));
  ENSURE(reason && state);
  return Refund{
      .organization = row.id<OrganizationId>(0),
      .id = row.id<RefundId>(1),
      .attempt = row.id<AttemptId>(2),
      .reason = *reason,
      .state = *state,
      .amount = read_money(row, 5),
      .provider_refund_id = std::string(row.text(7)),
      .created_at = row.time(8),
      .tries = static_cast<int>(row.integer(9)),
      .refusals = static_cast<int>(row.integer(10)),
  };
}

std::optional<Refund> first_refund(const sql::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_refund(rows.front());
}

Chargeback read_chargeback(const sql::Rows::Row& row) {
  return Chargeback{
      .organization = row.id<OrganizationId>(0),
      .id = row.id<ChargebackId>(1),
      .attempt = row.id<AttemptId>(2),
      .provider_chargeback_id = std::string(row.text(3)),
      .amount = read_money(row, 4),
      .charged_back_at = row.time(6),
      .reversed_at = read_optional_time(row, 7),
  };
}

}  // namespace

Result<bool> MoneyMovements::has_kept_capture(OrganizationId organization, PaymentLinkId link) {
  const sql::Rows rows = TRY(tx_.query(select_kept, {organization, link}));
  return !rows.empty();
}

Result<bool> MoneyMovements::has_capture(OrganizationId organization, AttemptId attempt) {
  const sql::Rows rows = TRY(tx_.query(select_capture, {organization, attempt}));
  return !rows.empty();
}

Result<> MoneyMovements::insert_capture(const Capture& capture, Reusable reusable) {
  return tx_.defer(insert_capture_row,
                   {capture.organization, capture.id, capture.payment_link, capture.attempt,
                    sql::as_flag(reusable == Reusable::no), sql::as_flag(capture.kept == Kept::kept),
                    capture.amount.minor_units(), capture.amount.currency().code(), capture.captured_at});
}

Result<std::optional<CaptureTotals>> MoneyMovements::capture_totals(OrganizationId organization, AttemptId attempt) {
  const sql::Rows rows = TRY(tx_.query(select_totals, {organization, attempt}));
  if (rows.empty()) return std::optional<CaptureTotals>();
  const Money captured = read_money(rows.front(), 0);
  const auto refunds = Money::of_minor(rows.front().integer(2), captured.currency());
  ENSURE(refunds.has_value());
  const Kept kept = rows.front().integer(3) != 0 ? Kept::kept : Kept::surplus;
  return std::optional<CaptureTotals>({kept, captured, *refunds});
}

Result<> MoneyMovements::insert_refund(const Refund& refund, std::optional<Time> due_at) {
  const sql::Rows taken = TRY(tx_.query(take_refund, {refund.organization, refund.attempt, refund.amount.minor_units(),
                                                      refund.amount.currency().code()}));
  if (taken.empty())
    return fail(ErrorCode::conflict, "refund_exceeds_capture", "Less than that is left of this payment.");
  return tx_.defer(insert_refund_row,
                   {refund.organization, refund.id, refund.attempt, refund_reason_names.name(refund.reason),
                    refund_state_names.name(refund.state), refund.amount.minor_units(), refund.amount.currency().code(),
                    refund.provider_refund_id, refund.created_at, refund.tries, due_at});
}

Result<> MoneyMovements::release_refund(const Refund& refund) {
  return tx_.defer(give_refund_back, {refund.organization, refund.attempt, refund.amount.minor_units()});
}

Result<std::optional<Refund>> MoneyMovements::find_refund_for_update(OrganizationId organization, RefundId id) {
  const sql::Rows rows = TRY(tx_.lock(select_refund, {organization, id}));
  return first_refund(rows);
}

Result<std::optional<Refund>> MoneyMovements::find_refund(OrganizationId organization, AttemptId attempt,
                                                          std::string_view provider_refund_id) {
  const sql::Rows rows = TRY(tx_.query(select_refund_by_provider_id, {organization, attempt, provider_refund_id}));
  return first_refund(rows);
}

Result<std::optional<Refund>> MoneyMovements::unsent_refund(OrganizationId organization, AttemptId attempt,
                                                            std::int64_t minor_units) {
  const sql::Rows rows = TRY(tx_.lock(select_unsent, {organization, attempt, minor_units}));
  std::optional<Refund> smallest;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Refund refund = read_refund(rows[i]);
    if (!smallest || refund.amount.minor_units() < smallest->amount.minor_units()) smallest = std::move(refund);
  }
  return smallest;
}

Result<std::int64_t> MoneyMovements::count_refunds(OrganizationId organization, AttemptId attempt) {
  const sql::Rows rows = TRY(tx_.query(count_of_attempt, {organization, attempt}));
  return rows.front().integer(0);
}

Result<Listed<Refund>> MoneyMovements::list_refunds(OrganizationId organization, AttemptId attempt, Page page) {
  const std::int64_t total = TRY(count_refunds(organization, attempt));
  Listed<Refund> listed{{}, total, page};
  const sql::Rows rows = TRY(tx_.query(select_of_attempt, {organization, attempt, page.size, page.offset()}));
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_refund(rows[i]));
  return listed;
}

Result<std::int64_t> MoneyMovements::refunded_minor(OrganizationId organization, AttemptId attempt) {
  const sql::Rows rows = TRY(tx_.query(sum_refunded, {organization, attempt}));
  return rows.front().integer(0);
}

Result<> MoneyMovements::update_refund(const Refund& refund, std::optional<Time> due_at) {
  return tx_.defer(update_refund_row, {refund.organization, refund.id, refund_state_names.name(refund.state),
                                       refund.provider_refund_id, refund.tries, due_at, refund.refusals});
}

Result<std::vector<Refund>> MoneyMovements::claim_due_refunds(int limit, std::chrono::microseconds lease) {
  const sql::Rows rows = TRY(tx_.claim(select_due_refunds, {tx_.now(), limit}));
  std::vector<Refund> refunds;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    refunds.push_back(read_refund(rows[i]));
    Refund& refund = refunds.back();
    TRY(tx_.defer(lease_refund, {refund.organization, refund.id, tx_.now() + lease}));
    ++refund.tries;
  }
  return refunds;
}

Result<int> MoneyMovements::bring_refunds_forward(Time latest, Time to, int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_far_refunds, {latest, limit}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    TRY(tx_.defer(update_refund_due, {rows[i].uuid(0), rows[i].uuid(1), to}));
  return static_cast<int>(rows.size());
}

Result<std::optional<Chargeback>> MoneyMovements::find_chargeback(OrganizationId organization, AttemptId attempt,
                                                                  std::string_view provider_chargeback_id) {
  const sql::Rows rows = TRY(tx_.query(select_chargeback, {organization, attempt, provider_chargeback_id}));
  if (rows.empty()) return std::optional<Chargeback>();
  return std::optional<Chargeback>(read_chargeback(rows.front()));
}

Result<std::optional<Chargeback>> MoneyMovements::find_chargeback(OrganizationId organization,
                                                                  std::string_view provider_chargeback_id) {
  const sql::Rows rows = TRY(tx_.query(select_by_provider_id, {organization, provider_chargeback_id}));
  if (rows.empty()) return std::optional<Chargeback>();
  return std::optional<Chargeback>(read_chargeback(rows.front()));
}

Result<> MoneyMovements::insert_chargeback(const Chargeback& chargeback) {
  return tx_.defer(insert_chargeback_row,
                   {chargeback.organization, chargeback.id, chargeback.attempt, chargeback.provider_chargeback_id,
                    chargeback.amount.minor_units(), chargeback.amount.currency().code(), chargeback.charged_back_at,
                    chargeback.reversed_at});
}

Result<> MoneyMovements::reverse_chargeback(const Chargeback& chargeback) {
  return tx_.defer(reverse_chargeback_row, {chargeback.organization, chargeback.id, chargeback.reversed_at});
}

Result<Listed<Chargeback>> MoneyMovements::list_chargebacks(OrganizationId organization, AttemptId attempt, Page page) {
  const sql::Rows counted = TRY(tx_.query(count_chargebacks, {organization, attempt}));
  Listed<Chargeback> listed{{}, counted.front().integer(0), page};
  const sql::Rows rows = TRY(tx_.query(select_chargebacks, {organization, attempt, page.size, page.offset()}));
  for (std::size_t i = 0; i < rows.size(); ++i) listed.entries.push_back(read_chargeback(rows[i]));
  return listed;
}

Result<std::int64_t> MoneyMovements::charged_back_minor(OrganizationId organization, AttemptId attempt) {
  const sql::Rows rows = TRY(tx_.query(sum_charged_back, {organization, attempt}));
  return rows.front().integer(0);
}

Result<> MoneyMovements::insert_movement(const Movement& movement) {
  const auto insert_side = [&](int side, Account account, std::int64_t minor_units) -> Result<> {
    return tx_.defer(insert_entry, {movement.organization, movement.id, side, account_names.name(account),
                                    movement_kind_names.name(movement.kind), movement.attempt, minor_units,
                                    movement.amount.currency().code(), movement.created_at});
  };
  TRY(insert_side(0, movement.from, -movement.amount.minor_units()));
  return insert_side(1, movement.to, movement.amount.minor_units());
}

}  // namespace paylink::store
