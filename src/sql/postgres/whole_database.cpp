#include "sql/postgres/whole_database.hpp"

#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/transaction.hpp"

namespace paylink::sql::postgres {
namespace {

constexpr std::string_view select_columns = R"sql(
  SELECT c.relname::text, a.attname::text, a.atttypid::regtype::text,
    COALESCE((
      SELECT k.place FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) WHERE k.number = a.attnum
    ), 0)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
  WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind IN ('r', 'p')
  ORDER BY c.relname, a.attname
)sql";

constexpr std::string_view select_references = R"sql(
  SELECT DISTINCT c.conrelid::regclass::text, c.confrelid::regclass::text
  FROM pg_constraint c
  WHERE c.contype = 'f' AND c.connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
)sql";

// The cluster's own number, made when it was.
constexpr std::string_view select_identity = R"sql(
  SELECT system_identifier, current_database()::text, COALESCE(current_schema()::text, '') FROM pg_control_system()
)sql";

constexpr std::string_view count_sessions = R"sql(
  SELECT COUNT(*) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'paylink %'
)sql";

constexpr std::string_view try_writers_lock =
    "SELECT pg_try_advisory_lock(hashtext('paylink move'), hashtext(COALESCE(current_schema()::text, '')))";

constexpr std::string_view try_migration_lock = "SELECT pg_try_advisory_lock_shared($1)";

// A cursor: the order is that of bytes, which the primary key's index has only where the database's own is the same.
// Else the server sorts once, and not once for each page.
class PostgresScan final : public Scan {
 public:
  PostgresScan(WholeDatabase& database, Transaction& tx, const Table& table, std::string after)
      : database_(database),
        tx_(tx),
        table_(table),
        after_(std::move(after)),
        cursor_(identifier("scan_" + table.name)) {}

  Result<Rows> next(std::size_t count) override {
    if (state_ == State::closed) return Rows();
    if (state_ == State::fresh) TRY(declare());
    Rows rows = TRY(tx_.query(database_.keep("FETCH " + std::to_string(count) + " FROM " + cursor_), Values{}));
    if (rows.size() < count) TRY(close());
    return rows;
  }

 private:
  enum class State : std::uint8_t { fresh, open, closed };

  Result<> declare() {
    std::string key, places;
    for (std::size_t i = 0; i < table_.key.size(); ++i) {
      const Column& column = table_.columns[table_.key[i]];
      key +=
          (i == 0 ? "" : ", ") + identifier(column.name) + (column.kind == ColumnKind::text ? R"( COLLATE "C")" : "");
      places += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
    }
    std::string text = "DECLARE " + cursor_ + " NO SCROLL CURSOR FOR SELECT " + column_names(table_) + " FROM " +
                       identifier(table_.name);
    std::vector<Value> values;
    if (!after_.empty()) {
      text += " WHERE (" + key + ") > (" + places + ")";
      values = key_values(after_, table_);
    }
    TRY(tx_.query(database_.keep(text + " ORDER BY " + key), values));
    state_ = State::open;
    return {};
  }
  Result<> close() {
    state_ = State::closed;
    TRY(tx_.query(database_.keep("CLOSE " + cursor_), Values{}));
    return {};
  }

  WholeDatabase& database_;
  Transaction& tx_;
  const Table& table_;
  const std::string after_, cursor_;
  State state_ = State::fresh;
};

}  // namespace

Result<std::unique_ptr<PostgresWholeDatabase>> PostgresWholeDatabase::open(const Options& options, Access access,
                                                                           Time now, Random& random) {
  auto connection = TRY(Connection::open(options));
  return std::unique_ptr<PostgresWholeDatabase>(new PostgresWholeDatabase(std::move(connection), access, now, random));
}

// Alone, outside of a transaction that it could spoil.
Result<Rows> PostgresWholeDatabase::ask(std::string_view statement, Values values) {
  TRY(connection_->begin());
  auto rows = connection_->query(statement, values);
  if (!rows)
    connection_->roll_back();
  else if (connection_->commit() != Commit::done)
    return Failure{*connection_->error()};
  return rows;
}

Result<bool> PostgresWholeDatabase::is_in_use() {
  const Rows rows = TRY(ask(count_sessions));
  return rows.front().integer(0) > 0;
}

Result<bool> PostgresWholeDatabase::claim() {
  const Rows rows = TRY(ask(try_writers_lock));
  return rows.front().flag(0);
}

Result<bool> PostgresWholeDatabase::keep_servers_out() {
  const Value lock[] = {migration_lock};
  const Rows rows = TRY(ask(try_migration_lock, lock));
  return rows.front().flag(0);
}

Result<std::string> PostgresWholeDatabase::identity() {
  const Rows rows = TRY(ask(select_identity));
  const auto row = rows.front();
  return "postgresql:" + std::to_string(row.integer(0)) + "/" + std::string(row.text(1)) + "/" +
         std::string(row.text(2));
}

Result<std::vector<Table>> PostgresWholeDatabase::tables() {
  const Rows columns = TRY(ask(select_columns));
  const Rows references = TRY(ask(select_references));
  return tables_from(columns, references);
}

Result<> PostgresWholeDatabase::in_transaction(const Step& step) {
  TRY(access_ == Access::read ? connection_->begin_read() : connection_->begin());
  PostgresTransaction tx(*connection_, now_, random_);
  auto done = tx.enter(Tenant::everybody());
  if (done) done = step(tx);
  if (done && connection_->commit() == Commit::done) return {};
  Failure failed{done ? *connection_->error() : std::move(done).error()};
  connection_->roll_back();
  return failed;
}

std::unique_ptr<Scan> PostgresWholeDatabase::scan(Transaction& tx, const Table& table, std::string after) {
  return std::make_unique<PostgresScan>(*this, tx, table, std::move(after));
}

Result<> PostgresWholeDatabase::settle() {
  const auto all = TRY(tables());
  for (const Table& table : all) TRY(connection_->execute_script("ANALYZE " + identifier(table.name)));
  return {};
}

}  // namespace paylink::sql::postgres
