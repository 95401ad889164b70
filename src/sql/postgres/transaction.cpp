#include "sql/postgres/transaction.hpp"

#include "sql/postgres/count_log.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view try_lock = "SELECT pg_try_advisory_xact_lock($1)";

bool is_select(std::string_view statement) {
  const std::size_t start = statement.find_first_not_of(" \n");
  return start != std::string_view::npos && statement.substr(start).starts_with("SELECT");
}

// FNV-1a: the same on every node.
std::int64_t hash_of(std::string_view key) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return static_cast<std::int64_t>(hash);
}

}  // namespace

Result<> PostgresTransaction::enter(const Tenant& tenant) {
  // A new transaction sees nobody's rows.
  if (tenant == tenant_) return {};
  tenant_ = tenant;
  std::string name;
  if (tenant.is_everybody()) name = "*";
  if (!tenant.is_everybody() && !tenant.is_nobody()) name = tenant.id().text();
  return connection_.set_tenant(name);
}

Result<Rows> PostgresTransaction::query(std::string_view statement, Values values) {
  if (!is_select(statement)) is_changed_ = true;
  return connection_.query(statement, values);
}

Result<Rows> PostgresTransaction::walk(std::string_view statement, Values values) {
  std::optional<Rows> answer;
  TRY(connection_.post_walk(statement, values, answer));
  TRY(connection_.receive());
  return answer ? *std::move(answer) : Rows();
}

Result<Rows> PostgresTransaction::lock(std::string_view statement, Values values) {
  return connection_.query(statement, values, Hold::wait);
}

Result<Rows> PostgresTransaction::claim(std::string_view statement, Values values) {
  return connection_.query(statement, values, Hold::skip);
}

Result<> PostgresTransaction::defer(std::string_view statement, Values values) {
  is_changed_ = true;
  return connection_.send(statement, values);
}

Result<> PostgresTransaction::add(std::string_view statement, const Uuid& organization, std::string_view name,
                                  std::int64_t amount, const Entry& entry) {
  is_changed_ = true;
  connection_.add({organization, name, statement, amount, entry});
  return {};
}

Result<bool> PostgresTransaction::follow_counts(const Uuid& organization) {
  TRY(count_log::follow(organization, *this));
  return true;
}

Result<std::optional<CountChanges>> PostgresTransaction::count_changes(const Uuid& organization,
                                                                       const std::optional<Snapshot>& since) {
  auto changes = TRY(count_log::read(organization, since, *this));
  return std::optional(std::move(changes));
}

Result<bool> PostgresTransaction::try_claim(std::string_view key) {
  const Value values[] = {hash_of(key)};
  const Rows rows = TRY(connection_.query(try_lock, values));
  return rows.front().flag(0);
}

}  // namespace paylink::sql::postgres
