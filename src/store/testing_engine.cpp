#include "store/testing_engine.hpp"

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/ensure.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/postgres/transaction.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "store/migrations.hpp"

namespace paylink::store::testing {

namespace {

class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(Time now) {
    auto opened = sql::sqlite::Connection::open(":memory:", sql::sqlite::Mode::write);
    ENSURE(opened.has_value());
    connection_ = *std::move(opened);
    sql::sqlite::SqliteMigrationTarget target(*connection_);
    ENSURE(sql::migrate(target, migrations(), now).has_value());
  }

  Result<> write(const sql::Tenant&, Time now, Random& random, const Step& step) override {
    ENSURE(connection_->begin().has_value());
    sql::sqlite::SqliteTransaction tx(*connection_, now, random);
    auto done = step(tx);
    if (done)
      ENSURE(connection_->commit() == sql::sqlite::Commit::done);
    else
      connection_->roll_back();
    if (done && listener != nullptr) listener->counted(connection_->added());
    return done;
  }
  Result<> execute_script(const std::string& script) override { return connection_->execute_script(script); }
  Result<sql::Rows> ask(std::string_view statement, sql::Values values) override {
    return connection_->query(statement, values);
  }
  std::string_view select_tables() const override {
    return "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
  }
  std::string_view select_owned_tables() const override {
    return "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
           " WHERE m.type = 'table' AND c.name = 'organization_id'";
  }

 private:
  std::unique_ptr<sql::sqlite::Connection> connection_;
};

// Making every table takes a while: schemas are emptied and used again, and go with the program.
class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(Time now) : schema_(take_schema(now)), connection_(connect_to(*schema_)) {}
  ~PostgresEngine() override {
    if (execute_script(for_all_tables("DELETE FROM %s"))) unused_schemas().push_back(std::move(schema_));
  }
  PostgresEngine(const PostgresEngine&) = delete;
  PostgresEngine& operator=(const PostgresEngine&) = delete;

  Result<> write(const sql::Tenant& tenant, Time now, Random& random, const Step& step) override {
    ENSURE(connection_->begin().has_value());
    sql::postgres::PostgresTransaction tx(*connection_, now, random);
    ENSURE(tx.enter(tenant).has_value());
    auto done = step(tx);
    // What was deferred may fail only now.
    if (done && connection_->commit() != sql::postgres::Commit::done) done = Failure{*connection_->error()};
    if (!done) connection_->roll_back();
    if (done && listener != nullptr) listener->counted(connection_->added());
    return done;
  }
  Result<> execute_script(const std::string& script) override {
    return connection_->execute_script("SELECT set_config('paylink.tenant', '*', true); " + script);
  }
  Result<sql::Rows> ask(std::string_view statement, sql::Values values) override {
    TRY(connection_->begin());
    sql::postgres::PostgresTransaction tx(*connection_, {}, random_);
    TRY(tx.enter(sql::Tenant::everybody()));
    auto rows = connection_->query(statement, values);
    connection_->roll_back();
    return rows;
  }
  std::string_view select_tables() const override {
    return "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
           " ORDER BY relname";
  }
  std::string_view select_owned_tables() const override {
    return "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
           " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
           " AND a.attname = 'organization_id'";
  }

 private:
  using SchemaPointer = std::unique_ptr<sql::postgres::testing::Schema>;

  // `statement` has %s for the table's name. Of those that refer to one another the newer first.
  static std::string for_all_tables(const std::string& statement) {
    return R"sql(
      DO $do$
      DECLARE
        found RECORD;
      BEGIN
        FOR found IN
          SELECT oid::regclass AS name FROM pg_class
          WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'schema_migrations'
          ORDER BY oid DESC
        LOOP
          EXECUTE format(')sql" +
           statement + R"sql(', found.name);
        END LOOP;
      END
      $do$
    )sql";
  }

  static std::vector<SchemaPointer>& unused_schemas() {
    static std::vector<SchemaPointer> schemas;
    return schemas;
  }
  static SchemaPointer take_schema(Time now) {
    if (unused_schemas().empty()) {
      auto schema = std::make_unique<sql::postgres::testing::Schema>();
      // Whoever migrates keeps a lock as long as he is connected.
      const auto connection = connect_to(*schema);
      sql::postgres::PostgresMigrationTarget target(*connection);
      ENSURE(sql::migrate(target, migrations(), now).has_value());
      // What PostgreSQL finds out on its own, a minute after many rows were deleted, would change plans between tests.
      const std::string leave_alone = for_all_tables("ALTER TABLE %s SET (autovacuum_enabled = false)");
      ENSURE(connection->execute_script(leave_alone).has_value());
      return schema;
    }
    SchemaPointer schema = std::move(unused_schemas().back());
    unused_schemas().pop_back();
    return schema;
  }
  static std::unique_ptr<sql::postgres::Connection> connect_to(const sql::postgres::testing::Schema& schema) {
    return sql::postgres::testing::connect(schema.url());
  }

  SystemRandom random_;
  SchemaPointer schema_;
  std::unique_ptr<sql::postgres::Connection> connection_;
};

}  // namespace

bool is_on_postgres() {
  const char* const named = std::getenv("PAYLINK_TEST_ENGINE");
  if (named == nullptr || std::string_view(named) == "sqlite") return false;
  ENSURE(std::string_view(named) == "postgres");
  ENSURE(sql::postgres::testing::server_url() != nullptr);
  return true;
}

std::unique_ptr<Engine> make_engine(Time now) {
  if (is_on_postgres()) return std::make_unique<PostgresEngine>(now);
  return std::make_unique<SqliteEngine>(now);
}

}  // namespace paylink::store::testing
