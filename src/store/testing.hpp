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
  Database();

  // Runs `step` in a transaction, which is kept when it succeeds. Everybody's, unless it says whose work it is: then a
  // statement that means other rows fails the test.
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(Step step) {
    return write(sql::Tenant::everybody(), std::move(step));
  }
  template <class Step>
  std::invoke_result_t<Step&, sql::Transaction&> write(const sql::Tenant& tenant, Step step) {
    std::optional<std::invoke_result_t<Step&, sql::Transaction&>> done;
    const Result<> kept = write_behind_wall(tenant, [&](sql::Transaction& tx) -> Result<> {
      done.emplace(step(tx));
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
  sql::Rows ask(std::string_view statement, sql::Values values = {});
  // The first column of the only row of one.
  std::int64_t number(std::string_view statement);
  // Changes whatever it likes.
  Result<> execute_script(std::string_view script);

  void tell(sql::CountListener& listener) { engine_->listener = &listener; }

  std::vector<std::string> tables();
  const sql::testing::OwnedTables& owned_tables() const { return owned_tables_; }

  ManualClock clock;
  SystemRandom random;
  Random* random_of_work = &random;  // what steps are handed

 private:
  Result<> write_behind_wall(const sql::Tenant& tenant, const Engine::Step& step);
  std::vector<std::string> names(std::string_view select);

  std::unique_ptr<Engine> engine_;
  sql::testing::OwnedTables owned_tables_;
};

Money euros(std::int64_t cents);

Organization add_organization(Database& database, std::string slug);

// An open one of 13.30 EUR, for a year; stored by `add_link`.
PaymentLink make_link(Database& database, OrganizationId organization, Reusable reusable = Reusable::no);
PaymentLink add_link(Database& database, OrganizationId organization, Reusable reusable = Reusable::no);

}  // namespace paylink::store::testing
