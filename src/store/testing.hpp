#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/testing.hpp"
#include "domain/payment_link.hpp"
#include "sql/sqlite/connection.hpp"
#include "sql/sqlite/migration_target.hpp"
#include "sql/testing.hpp"
#include "store/migrations.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"

// What the tests of the stores, and of whatever stands on them, share.
namespace paylink::store::testing {

// A database in memory with every table.
class Database {
 public:
  Database() {
    auto opened = sql::sqlite::Connection::open(":memory:", sql::sqlite::Mode::write);
    ENSURE(opened.has_value());
    connection_ = *std::move(opened);
    sql::sqlite::SqliteMigrationTarget target(*connection_);
    ENSURE(sql::migrate(target, migrations(), clock.now()).has_value());
    owned_tables_ = find_owned_tables();
  }

  // Runs `step` in a transaction, which is kept when it succeeds. Everybody's, unless it says whose work it is: then a
  // statement that means other rows fails the test.
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(Step step) {
    ENSURE(connection_->begin().has_value());
    sql::sqlite::SqliteTransaction tx(*connection_, clock.now(), random);
    auto done = step(tx);
    if (done)
      ENSURE(connection_->commit() == sql::sqlite::Commit::done);
    else
      connection_->roll_back();
    return done;
  }
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(const sql::Tenant& tenant, Step step) {
    return write([&](sql::Transaction& tx) {
      sql::testing::TenantWall wall(tx, tenant, owned_tables_);
      return step(wall);
    });
  }
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(OrganizationId organization, Step step) {
    return write(sql::Tenant::organization(organization.uuid()), std::move(step));
  }

  // The first column of the only row of a constant statement.
  std::int64_t number(std::string_view statement) {
    const auto rows = connection_->query(statement, sql::Values{});
    ENSURE(rows.has_value() && rows->size() == 1);
    return rows->front().integer(0);
  }

  sql::sqlite::Connection& connection() { return *connection_; }
  const sql::testing::OwnedTables& owned_tables() const { return owned_tables_; }

  ManualClock clock;
  SystemRandom random;

 private:
  sql::testing::OwnedTables find_owned_tables() {
    static constexpr std::string_view select_owned =
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'organization_id'";
    const auto rows = connection_->query(select_owned, sql::Values{});
    ENSURE(rows.has_value());
    sql::testing::OwnedTables owned{"organizations"};
    for (std::size_t i = 0; i < rows->size(); ++i) owned.emplace((*rows)[i].text(0));
    return owned;
  }

  std::unique_ptr<sql::sqlite::Connection> connection_;
  sql::testing::OwnedTables owned_tables_;
};

inline Money euros(std::int64_t cents) {
  auto money = Money::of_minor(cents, *Currency::parse("EUR"));
  ENSURE(money.has_value());
  return *money;
}

inline Organization add_organization(Database& database, std::string slug) {
  const Organization organization{OrganizationId::create(database.clock.now(), database.random), slug, "Shop " + slug};
  ENSURE(database.write([&](sql::Transaction& tx) { return Organizations(tx).insert(organization); }).has_value());
  return organization;
}

inline PaymentLink make_link(Database& database, OrganizationId organization, Reusable reusable = Reusable::no) {
  const Time now = database.clock.now();
  return PaymentLink{.organization = organization,
                     .id = PaymentLinkId::create(now, database.random),
                     .resource_id = Uuid::v4(database.random),
                     .amount = euros(1330),
                     .methods = {PaymentMethod::credit_card, PaymentMethod::ideal},
                     .reusable = reusable,
                     .subject = Basket{"[]"},
                     .expiration_date = years_after(now, 1),
                     .expires_effective_at = years_after(now, 1),
                     .canceled_at = {},
                     .created_at = now,
                     .updated_at = now};
}

inline PaymentLink add_link(Database& database, OrganizationId organization, Reusable reusable = Reusable::no) {
  PaymentLink link = make_link(database, organization, reusable);
  ENSURE(database.write([&](sql::Transaction& tx) { return PaymentLinks(tx).insert(link); }).has_value());
  return link;
}

}  // namespace paylink::store::testing
