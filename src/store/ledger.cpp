#include "store/ledger.hpp"

#include "domain/decimal.hpp"
#include "domain/money.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view select_balances = R"sql(
  SELECT account, currency, COUNT(*), CAST(SUM(amount_minor) AS BIGINT)
  FROM ledger_entries GROUP BY account, currency ORDER BY account, currency
)sql";

constexpr std::string_view select_movements =
    "SELECT COUNT(*) FROM (SELECT 1 FROM ledger_entries GROUP BY organization_id, movement_id) AS movements";

constexpr std::string_view select_payments = "SELECT COUNT(*) FROM attempts WHERE state = 'paid'";

constexpr std::string_view select_unbalanced = R"sql(
  SELECT organization_id, movement_id FROM ledger_entries
  GROUP BY organization_id, movement_id
  HAVING COUNT(*) <> 2 OR SUM(amount_minor) <> 0 OR COUNT(DISTINCT account) <> 2 OR COUNT(DISTINCT currency) <> 1
    OR COUNT(DISTINCT kind) <> 1 OR COUNT(DISTINCT attempt_id) <> 1
  ORDER BY organization_id, movement_id LIMIT $1
)sql";

// Of each payment, kind and currency: what the ledger says, and what the rows say from which it follows.
constexpr std::string_view select_untold = R"sql(
  SELECT organization_id, attempt_id, kind, currency, CAST(SUM(booked) AS BIGINT), CAST(SUM(known) AS BIGINT)
  FROM (
    SELECT organization_id, attempt_id, kind, currency, amount_minor AS booked, 0 AS known
    FROM ledger_entries WHERE account = 'provider'
    UNION ALL
    SELECT organization_id, attempt_id, 'capture', currency, 0, amount_minor FROM captures
    UNION ALL
    SELECT organization_id, attempt_id, 'refund', currency, 0, -amount_minor FROM refunds WHERE state = 'refunded'
    UNION ALL
    SELECT organization_id, attempt_id, 'chargeback', currency, 0, -amount_minor FROM chargebacks
    UNION ALL
    SELECT organization_id, attempt_id, 'chargeback_reversal', currency, 0, amount_minor
    FROM chargebacks WHERE reversed_at IS NOT NULL
  ) AS told
  GROUP BY organization_id, attempt_id, kind, currency
  HAVING SUM(booked) <> SUM(known)
  ORDER BY organization_id, attempt_id, kind, currency LIMIT $1
)sql";

// Of each payment: what came in, what its refunds take, and what the capture says they take.
constexpr std::string_view select_exceeded = R"sql(
  SELECT organization_id, attempt_id, currency, CAST(SUM(captured) AS BIGINT), CAST(SUM(refunds) AS BIGINT),
    CAST(SUM(taken) AS BIGINT)
  FROM (
    SELECT organization_id, attempt_id, currency, amount_minor AS captured, 0 AS refunds, refunds_minor AS taken
    FROM captures
    UNION ALL
    SELECT organization_id, attempt_id, currency, 0, amount_minor, 0 FROM refunds WHERE state <> 'failed'
  ) AS told
  GROUP BY organization_id, attempt_id, currency
  HAVING SUM(refunds) > SUM(captured) OR SUM(refunds) <> SUM(taken)
  ORDER BY organization_id, attempt_id, currency LIMIT $1
)sql";

constexpr std::string_view select_uncaptured = R"sql(
  SELECT a.organization_id, a.id, a.state
  FROM attempts a LEFT JOIN captures c ON c.organization_id = a.organization_id AND c.attempt_id = a.id
  WHERE (a.state = 'paid' AND (c.id IS NULL OR c.amount_minor <> a.amount_minor OR c.currency <> a.currency))
    OR (a.state <> 'paid' AND c.id IS NOT NULL)
  ORDER BY a.organization_id, a.id LIMIT $1
)sql";

// Of each organization and status: how many links are counted, and how many there are.
constexpr std::string_view select_miscounted = R"sql(
  SELECT organization_id, status, CAST(SUM(counted) AS BIGINT), CAST(SUM(stored) AS BIGINT)
  FROM (
    SELECT organization_id, status, links AS counted, 0 AS stored FROM payment_link_counts
    UNION ALL
    SELECT organization_id, status, 0, COUNT(*) FROM payment_links GROUP BY organization_id, status
  ) AS told
  GROUP BY organization_id, status
  HAVING SUM(counted) <> SUM(stored)
  ORDER BY organization_id, status LIMIT $1
)sql";

std::string amount_text(std::int64_t minor_units, std::string_view code) {
  const auto currency = Currency::parse(code);
  if (!currency) return std::to_string(minor_units) + " of " + std::string(code);
  return print_decimal(minor_units, currency->exponent(), Zeros::kept) + " " + std::string(code);
}

// "… 0198… of organization 0198…"
std::string named(std::string_view what, const sql::Rows::Row& row) {
  return std::string(what) + " " + row.uuid(1).text() + " of organization " + row.uuid(0).text();
}

std::string say_unbalanced(const sql::Rows::Row& row) {
  return named("movement", row) + ": its entries are no pair that sums to zero";
}

std::string say_untold(const sql::Rows::Row& row) {
  return named("payment", row) + ": its ledger has " + amount_text(row.integer(4), row.text(3)) + " of kind " +
         std::string(row.text(2)) + ", its rows have " + amount_text(row.integer(5), row.text(3));
}

std::string say_exceeded(const sql::Rows::Row& row) {
  return named("payment", row) + ": " + amount_text(row.integer(4), row.text(2)) + " of refunds, of " +
         amount_text(row.integer(3), row.text(2)) + " that came in; the capture says " +
         amount_text(row.integer(5), row.text(2));
}

std::string say_uncaptured(const sql::Rows::Row& row) {
  return named("payment", row) + ": it is " + std::string(row.text(2)) + ", and what came in is not its amount";
}

std::string say_miscounted(const sql::Rows::Row& row) {
  return "links that are " + std::string(row.text(1)) + " of organization " + row.uuid(0).text() + ": " +
         std::to_string(row.integer(2)) + " are counted, and there are " + std::to_string(row.integer(3));
}

struct Check {
  std::string_view statement;
  std::string (*say)(const sql::Rows::Row& row);
};

constexpr Check checks[] = {{select_unbalanced, say_unbalanced},
                            {select_untold, say_untold},
                            {select_exceeded, say_exceeded},
                            {select_uncaptured, say_uncaptured},
                            {select_miscounted, say_miscounted}};

}  // namespace

Result<std::vector<AccountBalance>> Ledger::balances() {
  const sql::Rows rows = TRY(tx_.query(select_balances, {}));
  std::vector<AccountBalance> balances;
  for (std::size_t i = 0; i < rows.size(); ++i)
    balances.push_back(
        {std::string(rows[i].text(0)), std::string(rows[i].text(1)), rows[i].integer(2), rows[i].integer(3)});
  return balances;
}

Result<std::int64_t> Ledger::count_movements() {
  const sql::Rows rows = TRY(tx_.query(select_movements, {}));
  return rows.front().integer(0);
}

Result<std::int64_t> Ledger::count_payments() {
  const sql::Rows rows = TRY(tx_.query(select_payments, {}));
  return rows.front().integer(0);
}

Result<std::vector<std::string>> Ledger::violations(int limit) {
  std::vector<std::string> found;
  for (const Check& check : checks) {
    const sql::Rows rows = TRY(tx_.query(check.statement, {limit}));
    for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(check.say(rows[i]));
  }
  return found;
}

}  // namespace paylink::store
