#include "store/attempts.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "store/columns.hpp"

namespace paylink::store {
namespace {

constexpr std::string_view insert_attempt = R"sql(
  INSERT INTO attempts (organization_id, id, payment_link_id, connection_id, token, nonce, exclusive, state,
                        amount_minor, currency, payee, method, debitor_email, provider_payment_id, checkout_url,
                        created_at, tries, due_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
)sql";

#define ATTEMPT_COLUMNS                                                                                       \
  "organization_id, id, payment_link_id, connection_id, token, nonce, state, amount_minor, currency, payee, " \
  "method, debitor_email, provider_payment_id, checkout_url, created_at, superseded_at, paid_at, tries, "     \
  "silent_since, unknown_looks"

constexpr std::string_view select_attempt =
    "SELECT " ATTEMPT_COLUMNS " FROM attempts WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_by_token =
    "SELECT " ATTEMPT_COLUMNS " FROM attempts WHERE organization_id = $1 AND token = $2";

constexpr std::string_view select_by_nonce =
    "SELECT " ATTEMPT_COLUMNS " FROM attempts WHERE organization_id = $1 AND payment_link_id = $2 AND nonce = $3";

constexpr std::string_view select_current =
    "SELECT " ATTEMPT_COLUMNS
    " FROM attempts WHERE organization_id = $1 AND payment_link_id = $2 AND superseded_at IS NULL"
    " AND state IN ('open', 'pending', 'authorized') ORDER BY id";

// The first condition is that of the index.
constexpr std::string_view select_in_process =
    "SELECT " ATTEMPT_COLUMNS
    " FROM attempts WHERE organization_id = $1 AND payment_link_id = $2 AND state IN ('open', 'pending', 'authorized')"
    " AND state <> 'open' ORDER BY id";

constexpr std::string_view select_facts =
    "SELECT state, created_at, superseded_at FROM attempts WHERE organization_id = $1 AND payment_link_id = $2"
    " AND state IN ('open', 'pending', 'authorized')";

// The first of the index. PostgreSQL does not know that a column that is NULL has no order.
constexpr std::string_view select_earliest_facts =
    "SELECT state, created_at, superseded_at FROM attempts WHERE organization_id = $1 AND payment_link_id = $2"
    " AND state IN ('open', 'pending', 'authorized') AND superseded_at IS NULL ORDER BY superseded_at, created_at"
    " LIMIT 1";

// A switch for each state: $3 to $9, in the order of the table of states.
#define OF_LINK_IN_STATES                                                                                  \
  " FROM attempts WHERE organization_id = $1 AND payment_link_id = $2 AND ((state = 'open' AND $3 = 1) OR" \
  " (state = 'pending' AND $4 = 1) OR (state = 'authorized' AND $5 = 1) OR (state = 'paid' AND $6 = 1) OR" \
  " (state = 'canceled' AND $7 = 1) OR (state = 'expired' AND $8 = 1) OR (state = 'failed' AND $9 = 1))"

constexpr std::string_view count_of_link = "SELECT COUNT(*)" OF_LINK_IN_STATES;
constexpr std::string_view newest_of_link =
    "SELECT " ATTEMPT_COLUMNS OF_LINK_IN_STATES " ORDER BY id DESC LIMIT $10 OFFSET $11";
constexpr std::string_view oldest_of_link =
    "SELECT " ATTEMPT_COLUMNS OF_LINK_IN_STATES " ORDER BY id ASC LIMIT $10 OFFSET $11";

constexpr std::string_view update_attempt = R"sql(
  UPDATE attempts
  SET state = $3, provider_payment_id = $4, checkout_url = $5, superseded_at = $6, paid_at = $7, tries = $8,
      due_at = $9, silent_since = $10, unknown_looks = $11, method = $12
  WHERE organization_id = $1 AND id = $2
)sql";

// The first condition is that of the index, as above.
constexpr std::string_view supersede_open_of_link = R"sql(
  UPDATE attempts SET superseded_at = $3, due_at = $3, tries = 0
  WHERE organization_id = $1 AND payment_link_id = $2 AND state IN ('open', 'pending', 'authorized')
    AND superseded_at IS NULL AND state = 'open'
)sql";

constexpr std::string_view select_due =
    "SELECT " ATTEMPT_COLUMNS " FROM attempts WHERE due_at <= $1 ORDER BY due_at LIMIT $2";

constexpr std::string_view lease_attempt =
    "UPDATE attempts SET due_at = $3, tries = tries + 1 WHERE organization_id = $1 AND id = $2";

constexpr std::string_view select_far_attempts = "SELECT organization_id, id FROM attempts WHERE due_at > $1 LIMIT $2";

constexpr std::string_view update_attempt_due =
    "UPDATE attempts SET due_at = $3 WHERE organization_id = $1 AND id = $2";

sql::Blob token_blob(const Attempt& attempt) {
  return sql::Blob{{reinterpret_cast<const char*>(attempt.token.data()), attempt.token.size()}};
}

Attempt read_attempt(const sql::Rows::Row& row) {
  const auto state = attempt_state_names.parse(row.text(6));
  const auto method = payment_method_names.parse(row.text(10));
  ENSURE(state && method && row.text(4).size() == 16);
  Attempt attempt{
      .organization = row.id<OrganizationId>(0),
      .id = row.id<AttemptId>(1),
      .payment_link = row.id<PaymentLinkId>(2),
      .connection = row.id<ConnectionId>(3),
      .nonce = row.uuid(5),
      .state = *state,
      .amount = read_money(row, 7),
      .payee = std::string(row.text(9)),
      .method = *method,
      .debitor_email = std::string(row.text(11)),
      .provider_payment_id = std::string(row.text(12)),
      .checkout_url = std::string(row.text(13)),
      .created_at = row.time(14),
      .superseded_at = read_optional_time(row, 15),
      .paid_at = read_optional_time(row, 16),
      .tries = static_cast<int>(row.integer(17)),
      .silent_since = read_optional_time(row, 18),
      .unknown_looks = static_cast<int>(row.integer(19)),
  };
  std::copy_n(row.text(4).begin(), 16, attempt.token.begin());
  return attempt;
}

Result<Attempt> only_attempt(const sql::Rows& rows) {
  if (rows.empty()) return fail(ErrorCode::not_found, "not_found", "There is no such payment.");
  return read_attempt(rows.front());
}

std::vector<Attempt> read_attempts(const sql::Rows& rows) {
  std::vector<Attempt> attempts;
  for (std::size_t i = 0; i < rows.size(); ++i) attempts.push_back(read_attempt(rows[i]));
  return attempts;
}

}  // namespace

Result<> Attempts::insert(const Attempt& attempt, Reusable reusable, Time due_at) {
  const sql::Value values[] = {attempt.organization,
                               attempt.id,
                               attempt.payment_link,
                               attempt.connection,
                               token_blob(attempt),
                               attempt.nonce,
                               sql::as_flag(reusable == Reusable::no),
                               attempt_state_names.name(attempt.state),
                               attempt.amount.minor_units(),
                               attempt.amount.currency().code(),
                               attempt.payee,
                               payment_method_names.name(attempt.method),
                               attempt.debitor_email,
                               attempt.provider_payment_id,
                               attempt.checkout_url,
                               attempt.created_at,
                               attempt.tries,
                               due_at};
  TRY(tx_.query(insert_attempt, values));
  return {};
}

Result<Attempt> Attempts::find(OrganizationId organization, AttemptId id) {
  const sql::Rows rows = TRY(tx_.query(select_attempt, {organization, id}));
  return only_attempt(rows);
}

Result<Attempt> Attempts::find_by_token(OrganizationId organization, std::string_view token) {
  const sql::Rows rows = TRY(tx_.query(select_by_token, {organization, sql::Blob{token}}));
  return only_attempt(rows);
}

Result<std::optional<Attempt>> Attempts::find_by_nonce(OrganizationId organization, PaymentLinkId link,
                                                       const Uuid& nonce) {
  const sql::Rows rows = TRY(tx_.query(select_by_nonce, {organization, link, nonce}));
  if (rows.empty()) return std::optional<Attempt>();
  return std::optional<Attempt>(read_attempt(rows.front()));
}

Result<std::vector<Attempt>> Attempts::current_of_link(OrganizationId organization, PaymentLinkId link) {
  const sql::Rows rows = TRY(tx_.query(select_current, {organization, link}));
  return read_attempts(rows);
}

Result<std::vector<Attempt>> Attempts::in_process_of_link(OrganizationId organization, PaymentLinkId link) {
  const sql::Rows rows = TRY(tx_.query(select_in_process, {organization, link}));
  return read_attempts(rows);
}

Result<std::vector<AttemptFacts>> Attempts::facts_of_link(OrganizationId organization, PaymentLinkId link,
                                                          Reusable reusable) {
  const auto statement = reusable == Reusable::yes ? select_earliest_facts : select_facts;
  const sql::Rows rows = TRY(tx_.query(statement, {organization, link}));
  std::vector<AttemptFacts> facts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto state = attempt_state_names.parse(rows[i].text(0));
    ENSURE(state.has_value());
    facts.push_back({*state, rows[i].time(1), !rows[i].is_null(2)});
  }
  return facts;
}

Result<Listed<Attempt>> Attempts::list_of_link(OrganizationId organization, PaymentLinkId link,
                                               const AttemptFilter& filter, Page page) {
  const auto wanted = [&](AttemptState state) {
    return sql::as_flag(filter.states.empty() || std::ranges::count(filter.states, state) > 0);
  };
  using enum AttemptState;
  const sql::Value values[] = {organization,       link,         wanted(open),     wanted(pending),
                               wanted(authorized), wanted(paid), wanted(canceled), wanted(expired),
                               wanted(failed),     page.size,    page.offset()};
  const sql::Rows counted = TRY(tx_.query(count_of_link, values));
  const auto statement = filter.direction == Direction::ascending ? oldest_of_link : newest_of_link;
  const sql::Rows rows = TRY(tx_.query(statement, values));
  return Listed<Attempt>{read_attempts(rows), counted.front().integer(0), page};
}

Result<> Attempts::update(const Attempt& attempt, std::optional<Time> due_at) {
  return tx_.defer(update_attempt, {attempt.organization, attempt.id, attempt_state_names.name(attempt.state),
                                    attempt.provider_payment_id, attempt.checkout_url, attempt.superseded_at,
                                    attempt.paid_at, attempt.tries, due_at, attempt.silent_since, attempt.unknown_looks,
                                    payment_method_names.name(attempt.method)});
}

Result<> Attempts::supersede_open(OrganizationId organization, PaymentLinkId link) {
  return tx_.defer(supersede_open_of_link, {organization, link, tx_.now()});
}

Result<int> Attempts::bring_forward(Time latest, Time to, int limit) {
  const sql::Rows rows = TRY(tx_.claim(select_far_attempts, {latest, limit}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    TRY(tx_.defer(update_attempt_due, {rows[i].uuid(0), rows[i].uuid(1), to}));
  return static_cast<int>(rows.size());
}

Result<std::vector<Attempt>> Attempts::claim_due(int limit, std::chrono::microseconds lease) {
  const sql::Rows rows = TRY(tx_.claim(select_due, {tx_.now(), limit}));
  auto attempts = read_attempts(rows);
  for (Attempt& attempt : attempts) {
    TRY(tx_.defer(lease_attempt, {attempt.organization, attempt.id, tx_.now() + lease}));
    ++attempt.tries;
  }
  return attempts;
}

}  // namespace paylink::store
