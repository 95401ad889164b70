#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/testing.hpp"
#include "domain/payment_link.hpp"
#include "sql/testing.hpp"
#include "store/organizations.hpp"
#include "store/payment_links.hpp"
#include "store/testing_engine.hpp"

// What the tests of the stores, and of whatever stands on them, share.
namespace paylink::store::testing {

// A database with every table: in memory, or on the server that tests run on.
class Database {
 public:
  Database() {
    const Time now = clock.now();
    if (is_on_postgres())
      engine_ = std::make_unique<PostgresEngine>(now);
    else
      engine_ = std::make_unique<SqliteEngine>(now);
    for (std::string& table : names(engine_->select_owned_tables())) owned_tables_.insert(std::move(table));
    owned_tables_.emplace("organizations");
  }

  // Runs `step` in a transaction, which is kept when it succeeds. Everybody's, unless it says whose work it is: then a
  // statement that means other rows fails the test.
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(Step step) {
    return write(sql::Tenant::everybody(), std::move(step));
  }
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(const sql::Tenant& tenant, Step step) {
    std::optional<std::invoke_result_t<Step&, sql::Transaction&>> done;
    const Result<> kept = engine_->write(tenant, clock.now(), *random_of_work, [&](sql::Transaction& tx) -> Result<> {
      sql::testing::TenantWall wall(tx, tenant, owned_tables_);
      done.emplace(step(wall));
      if (!*done) return Failure{done->error()};
      return {};
    });
    if (!kept) return Failure{kept.error()};
    return *std::move(done);
  }
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(OrganizationId organization, Step step) {
    return write(sql::Tenant::organization(organization.uuid()), std::move(step));
  }

  // The rows of a constant statement, everybody's.
  sql::Rows ask(std::string_view statement, sql::Values values = {}) {
    auto rows = engine_->ask(statement, values);
    ENSURE(rows.has_value());
    return *std::move(rows);
  }
  // The first column of the only row of one.
  std::int64_t number(std::string_view statement) {
    const sql::Rows rows = ask(statement);
    ENSURE(rows.size() == 1);
    return rows.front().integer(0);
  }
  // Changes whatever it likes.
  Result<> execute_script(std::string_view script) { return engine_->execute_script(std::string(script)); }

  void tell(sql::CountListener& listener) { engine_->listener = &listener; }

  std::vector<std::string> tables() { return names(engine_->select_tables()); }
  const sql::testing::OwnedTables& owned_tables() const { return owned_tables_; }

  ManualClock clock;
  SystemRandom random;
  Random* random_of_work = &random;  // what steps are handed

 private:
  std::vector<std::string> names(std::string_view select) {
    const sql::Rows rows = ask(select);
    std::vector<std::string> found;
    for (std::size_t i = 0; i < rows.size(); ++i) found.emplace_back(rows[i].text(0));
    return found;
  }

  std::unique_ptr<Engine> engine_;
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
