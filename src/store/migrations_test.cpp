#include "store/migrations.hpp"

#include <gtest/gtest.h>

#include "base/ensure.hpp"
#include "sql/postgres/migration_target.hpp"
#include "sql/postgres/testing.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "store/testing_engine.hpp"

namespace paylink::store {
namespace {

constexpr Time now = from_microseconds(1'710'925'200'000'000);

std::vector<sql::Migration> first(std::size_t count) {
  auto some = migrations();
  some.resize(count, some.front());
  return some;
}

// Two captures from before refunds were kept with them: one was given back after a first try that failed.
constexpr std::string_view before_0012 = R"sql(
  INSERT INTO organizations VALUES ('{1}', 'shop', 'Shop', 1);
  INSERT INTO payment_links (organization_id, id, resource_id, status, amount_minor, currency, methods, reusable,
                             expiration_date, created_at, updated_at)
    VALUES ('{1}', '{1}', '{1}', 'paid', 1330, 'EUR', 'ideal', 1, 1, 1, 1);
  INSERT INTO attempts (organization_id, id, payment_link_id, connection_id, token, nonce, exclusive, state,
                        amount_minor, currency, payee, method, debitor_email, provider_payment_id, checkout_url,
                        created_at, tries)
    VALUES ('{1}', '{1}', '{1}', '{1}', '1', '{1}', 0, 'paid', 1330, 'EUR', '', 'ideal', '', '', '', 1, 0),
           ('{1}', '{2}', '{1}', '{1}', '2', '{2}', 0, 'paid', 1330, 'EUR', '', 'ideal', '', '', '', 1, 0);
  INSERT INTO captures (organization_id, id, payment_link_id, attempt_id, exclusive, kept, amount_minor, currency,
                        captured_at)
    VALUES ('{1}', '{1}', '{1}', '{1}', 0, 1, 1330, 'EUR', 1), ('{1}', '{2}', '{1}', '{2}', 0, 0, 1330, 'EUR', 1);
  INSERT INTO refunds (organization_id, id, attempt_id, reason, state, amount_minor, currency, provider_refund_id,
                       created_at, tries)
    VALUES ('{1}', '{1}', '{2}', 'surplus', 'failed', 1330, 'EUR', '', 1, 0),
           ('{1}', '{2}', '{2}', 'surplus', 'refunded', 1330, 'EUR', '', 1, 0);
)sql";

std::string filled(std::string_view script) {
  std::string text(script);
  for (const std::string digit : {"1", "2"})
    for (std::size_t at = text.find("{" + digit + "}"); at != std::string::npos; at = text.find("{" + digit + "}"))
      text.replace(at, 3, std::string(7, '0') + digit + "-0000-7000-8000-000000000000");
  return text;
}

template <class Target, class Connection>
void expect_totals_after_upgrade(Connection& connection, const std::string& as_everybody,
                                 const std::function<sql::Rows(std::string_view)>& ask) {
  Target target(connection);
  ASSERT_TRUE(sql::migrate(target, first(11), now));
  ASSERT_TRUE(connection.execute_script(as_everybody + filled(before_0012)));
  const auto done = sql::migrate(target, migrations(), now);
  ASSERT_TRUE(done) << done.error().detail;
  const sql::Rows rows = ask("SELECT refunds_minor FROM captures ORDER BY kept");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].integer(0), 1330);
  EXPECT_EQ(rows[1].integer(0), 0);
}

TEST(Migrations, AddUpWhatEarlierRefundsTake) {
  if (!testing::is_on_postgres()) {
    const auto connection = *sql::sqlite::Connection::open(":memory:", sql::sqlite::Mode::write);
    return expect_totals_after_upgrade<sql::sqlite::SqliteMigrationTarget>(
        *connection, "", [&](std::string_view statement) { return *connection->query(statement, sql::Values{}); });
  }
  const sql::postgres::testing::Schema schema;
  const auto connection = sql::postgres::testing::connect(schema.url());
  expect_totals_after_upgrade<sql::postgres::PostgresMigrationTarget>(
      *connection, "SET paylink.tenant = '*';", [&](std::string_view statement) {
        ENSURE(connection->begin().has_value());
        auto rows = connection->query(statement, sql::Values{});
        ENSURE(connection->commit() == sql::postgres::Commit::done && rows.has_value());
        return *std::move(rows);
      });
}

}  // namespace
}  // namespace paylink::store
