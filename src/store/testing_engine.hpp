#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sql/sums.hpp"
#include "sql/transaction.hpp"

// What is under the tests' database: SQLite, or with PAYLINK_TEST_ENGINE=postgres the server that PAYLINK_POSTGRES
// names (`tools/postgres run` gives one).
namespace paylink::store::testing {

bool is_on_postgres();

// An empty database with every table, gone at the end.
class Engine {
 public:
  using Step = std::function<Result<>(sql::Transaction&)>;
  virtual ~Engine() = default;

  sql::CountListener* listener = nullptr;  // is told what was added to counts

  // One transaction, kept when `step` succeeds.
  virtual Result<> write(const sql::Tenant& tenant, Time now, Random& random, const Step& step) = 0;
  // Any number of statements, everybody's.
  virtual Result<> execute_script(const std::string& script) = 0;
  // Everybody's, and outside of any transaction.
  virtual Result<sql::Rows> ask(std::string_view statement, sql::Values values) = 0;
  // The names of all tables, and of those with rows of organizations.
  virtual std::string_view select_tables() const = 0;
  virtual std::string_view select_owned_tables() const = 0;
};

// With every table as of `now`.
std::unique_ptr<Engine> make_engine(Time now);

}  // namespace paylink::store::testing
